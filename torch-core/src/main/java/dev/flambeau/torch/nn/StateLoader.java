package dev.flambeau.torch.nn;

import dev.flambeau.torch.Device;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Copies a state into a module's tensors, all of it or nothing. */
public final class StateLoader {
  private static final int LISTED = 20;

  private StateLoader() {}

  /** Keys the source lacked, and keys only the source had. */
  public record Report(List<String> missing, List<String> unexpected) {}

  /**
   * The state with counts of batches where it has running statistics without: PyTorch saved none
   * before 0.4.1 and takes them as they are.
   */
  static Map<String, Tensor> withCounts(Module root, Map<String, Tensor> source) {
    Map<String, Tensor> all = new LinkedHashMap<>(source);
    root.walk(
        "",
        (prefix, module) -> {
          if (module instanceof RunningNorm norm && source.containsKey(prefix + "running_mean")) {
            norm.numBatchesTracked.ifPresent(
                count -> all.putIfAbsent(prefix + "num_batches_tracked", present(count)));
          }
        });
    return all;
  }

  private static Tensor present(Tensor count) {
    return count.device() == Device.META ? Torch.zeros(count.dtype()) : count.detach().copy();
  }

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
      prefix(missing, unexpected).ifPresent(problems::add);
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

  /** Keys of models that were wrapped begin with the wrapper's name for them. */
  private static Optional<String> prefix(List<String> missing, List<String> unexpected) {
    if (missing.isEmpty() || unexpected.isEmpty()) {
      return Optional.empty();
    }
    Set<String> lacking = Set.copyOf(missing);
    String first = unexpected.getFirst();
    String prefix = first.substring(0, first.indexOf('.') + 1);
    boolean fits =
        !prefix.isEmpty()
            && unexpected.stream()
                .allMatch(
                    k -> k.startsWith(prefix) && lacking.contains(k.substring(prefix.length())));
    return fits
        ? Optional.of("all unexpected keys are missing ones behind \"" + prefix + "\"")
        : Optional.empty();
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
