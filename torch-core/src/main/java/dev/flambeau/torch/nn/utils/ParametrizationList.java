package dev.flambeau.torch.nn.utils;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.nn.Extras;
import dev.flambeau.torch.nn.Module;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The parametrizations of one tensor, first to last, with what is trained: {@code original}, or
 * {@code original0}, {@code original1} ... PyTorch: {@code parametrize.ParametrizationList}.
 */
public final class ParametrizationList extends Module {
  private final List<Module> steps = new ArrayList<>();
  private final List<String> names = new ArrayList<>();

  ParametrizationList(Module first, Tensor value) {
    steps.add(first);
    List<Tensor> originals = Torch.noGrad(() -> inverse(first, value.detach()));
    boolean single = originals.size() == 1;
    for (int i = 0; i < originals.size(); i++) {
      // The trained tensor itself stays, so that an optimizer that has it goes on with it.
      Tensor original = originals.get(i).detach().copy();
      original = single ? value.setData(original) : original.requiresGrad(value.requiresGrad());
      names.add(single ? "original" : "original" + i);
      Extras.of(this).addParameter(names.get(i), original);
    }
  }

  private static List<Tensor> inverse(Module step, Tensor value) {
    return step instanceof Parametrization p ? p.rightInverse(value) : List.of(value);
  }

  /** What is trained. */
  public List<Tensor> originals() {
    return names.stream().map(Extras.of(this)::get).toList();
  }

  /** The tensor, as it is now. */
  Tensor value() {
    Tensor value =
        steps.getFirst() instanceof Parametrization p
            ? p.compute(originals())
            : steps.getFirst().call(originals().getFirst());
    for (Module step : steps.subList(1, steps.size())) {
      value = step.call(value);
    }
    return value;
  }

  void append(Module step) {
    if (step instanceof Parametrization p) {
      Tensor now = Torch.noGrad(this::value);
      if (Torch.noGrad(() -> p.rightInverse(now)).size() != 1) {
        throw TorchException.argument(
            "register_parametrization",
            "parametrization",
            step.typeName() + ", which has several originals",
            "such a one only as the first of a tensor");
      }
    }
    steps.add(step);
  }

  void removeLast() {
    steps.removeLast();
  }

  /** Sets what is trained so that the tensor becomes {@code value}. */
  void assign(Tensor value) {
    Torch.noGrad(
        () -> {
          Tensor wanted = value.detach();
          for (int i = steps.size() - 1; i > 0; i--) {
            wanted = inverse(steps.get(i), wanted).getFirst();
          }
          List<Tensor> from = inverse(steps.getFirst(), wanted);
          List<Tensor> to = originals();
          for (int i = 0; i < to.size(); i++) {
            to.get(i).copy_(from.get(i));
          }
        });
  }

  @Override
  public Map<String, Module> namedChildren() {
    Map<String, Module> all = new LinkedHashMap<>();
    steps.forEach(step -> all.put(String.valueOf(all.size()), step));
    return all;
  }
}
