package dev.flambeau.torch.nn;

import dev.flambeau.torch.Device;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Copies a state into a module's tensors, all of it or nothing. */
public final class StateLoader {
  private static final int LISTED = 20;

  private StateLoader() {}

  /** Keys the source lacked, and keys only the source had. */
  public record Report(List<String> missing, List<String> unexpected) {}

  static Report load(
      String name, Map<String, Tensor> targets, Map<String, Tensor> source, boolean strict) {
    List<String> missing = new ArrayList<>();
    List<String> shapes = new ArrayList<>();
    targets.forEach(
        (key, target) -> {
          Tensor value = source.get(key);
          if (value == null) {
            missing.add(key);
          } else if (!value.shape().equals(target.shape())) {
            shapes.add(key + " " + value.shape() + " instead of " + target.shape());
          }
        });
    List<String> unexpected =
        source.keySet().stream().filter(key -> !targets.containsKey(key)).toList();
    if (!shapes.isEmpty() || strict && !(missing.isEmpty() && unexpected.isEmpty())) {
      List<String> problems = new ArrayList<>();
      describe("missing keys", strict ? missing : List.of(), problems);
      describe("unexpected keys", strict ? unexpected : List.of(), problems);
      describe("other shapes", shapes, problems);
      throw TorchException.argument(
          "loadStateDict",
          "state",
          String.join("; ", problems),
          "the keys and shapes of " + name + "'s stateDict()");
    }
    Torch.noGrad(
        () ->
            targets.forEach(
                (key, target) -> {
                  if (source.containsKey(key)) {
                    copy(target, source.get(key));
                  }
                }));
    return new Report(List.copyOf(missing), unexpected);
  }

  private static void copy(Tensor target, Tensor value) {
    if (target.device() == Device.META) {
      target.setData(value.to(target.dtype()).copy());
    } else {
      target.copy_(value);
    }
  }

  private static void describe(String what, List<String> keys, List<String> problems) {
    if (!keys.isEmpty()) {
      String more = keys.size() > LISTED ? " and " + (keys.size() - LISTED) + " more" : "";
      List<String> listed = keys.subList(0, Math.min(keys.size(), LISTED));
      problems.add(what + ": " + String.join(", ", listed) + more);
    }
  }
}
