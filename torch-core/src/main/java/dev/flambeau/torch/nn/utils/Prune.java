package dev.flambeau.torch.nn.utils;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.nn.Extras;
import dev.flambeau.torch.nn.Module;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/**
 * Parameters with elements held at 0: {@code weight} becomes {@code weight_orig}, which is trained,
 * times the buffer {@code weight_mask}, before each {@link Module#call}. Pruning what is pruned
 * takes its part of what is left. PyTorch: {@code torch.nn.utils.prune}.
 */
public final class Prune {
  /** A parameter of a module. */
  public record Place(Module module, String name) {}

  private Prune() {}

  /** {@code amount}, from 0 to 1, of the elements, at random. */
  public static <M extends Module> M randomUnstructured(M module, String name, double amount) {
    return elements(List.of(new Place(module, name)), amount, Prune::random, module);
  }

  /** {@code amount}, from 0 to 1, of the elements, the smallest. */
  public static <M extends Module> M l1Unstructured(M module, String name, double amount) {
    return elements(List.of(new Place(module, name)), amount, Tensor::abs, module);
  }

  /** {@code amount}, from 0 to 1, of the elements of all of them together, at random. */
  public static void globalRandomUnstructured(List<Place> places, double amount) {
    elements(places, amount, Prune::random, null);
  }

  /** {@code amount}, from 0 to 1, of the elements of all of them together, the smallest. */
  public static void globalL1Unstructured(List<Place> places, double amount) {
    elements(places, amount, Tensor::abs, null);
  }

  /** {@code amount}, from 0 to 1, of the slices along an axis, at random. */
  public static <M extends Module> M randomStructured(
      M module, String name, double amount, int axis) {
    return slices(module, name, amount, axis, t -> Torch.rand(t.size(0)));
  }

  /** {@code amount}, from 0 to 1, of the slices along an axis, those of the smallest p-norm. */
  public static <M extends Module> M lnStructured(
      M module, String name, double amount, double p, int axis) {
    return slices(module, name, amount, axis, t -> t.flatten(1).norm(p, new int[] {1}, false));
  }

  /** The elements where the mask, of the parameter's shape, is 0. */
  public static <M extends Module> M customFromMask(M module, String name, Tensor mask) {
    Tensor value = original(module, name);
    if (!mask.shape().equals(value.shape())) {
      throw TorchException.shape(
          "custom_from_mask", "mask", mask.shape(), "the parameter's, " + value.shape());
    }
    apply(module, name, mask(module, name).mul(mask.ne(0).to(value.dtype())));
    return module;
  }

  /** No element yet, but the parameter takes its pruned form. */
  public static <M extends Module> M identity(M module, String name) {
    apply(module, name, mask(module, name));
    return module;
  }

  /** Whether a parameter of this module or of one below it is pruned. */
  public static boolean isPruned(Module module) {
    return module.namedBuffers().keySet().stream().anyMatch(key -> key.endsWith("_mask"))
        && module.modules().stream()
            .anyMatch(m -> m.namedParameters().keySet().stream().anyMatch(k -> isPruned(m, k)));
  }

  private static boolean isPruned(Module module, String key) {
    return key.endsWith("_orig")
        && Extras.of(module).contains(key.substring(0, key.length() - "orig".length()) + "mask");
  }

  /** Makes the parameter an ordinary one again, with its zeros. */
  public static <M extends Module> M remove(M module, String name) {
    Extras extras = Extras.of(module);
    if (!extras.contains(name + "_mask")) {
      throw TorchException.argument("prune.remove", "name", name, "a pruned parameter");
    }
    Tensor original = extras.get(name + "_orig");
    Tensor value = Torch.noGrad(() -> original.mul(extras.get(name + "_mask")));
    extras.fix(name, original.setData(value));
    extras.remove(name + "_orig");
    extras.remove(name + "_mask");
    return module;
  }

  private static Tensor random(Tensor t) {
    return Torch.rand(t.numel());
  }

  private static Tensor original(Module module, String name) {
    Extras extras = Extras.of(module);
    return extras.contains(name + "_mask") ? extras.get(name + "_orig") : extras.get(name);
  }

  private static Tensor mask(Module module, String name) {
    Extras extras = Extras.of(module);
    return extras.contains(name + "_mask")
        ? extras.get(name + "_mask")
        : extras.get(name).detach().onesLike();
  }

  private static void apply(Module module, String name, Tensor mask) {
    Extras extras = Extras.of(module);
    if (!extras.contains(name + "_mask")) {
      Tensor value = extras.get(name);
      if (extras.isComputed(name) || !value.isLeaf()) {
        throw TorchException.argument("prune", "name", name, "a parameter that is not computed");
      }
      extras.addParameter(name + "_orig", value);
      extras.addBuffer(name + "_mask", mask);
    } else {
      extras.set(name + "_mask", mask);
    }
    extras.compute(name, () -> extras.get(name + "_orig").mul(extras.get(name + "_mask")));
  }

  private static long count(double amount, long size) {
    if (!(amount >= 0 && amount <= 1)) {
      throw TorchException.argument("prune", "amount", amount, "0 to 1, a part of what is left");
    }
    // Halves go to the even number, as Python rounds.
    return (long) Math.rint(amount * size);
  }

  private static <M> M elements(
      List<Place> places, double amount, UnaryOperator<Tensor> importance, M result) {
    Torch.noGrad(
        () -> {
          List<Tensor> scores = new ArrayList<>();
          List<Tensor> masks = new ArrayList<>();
          for (Place p : places) {
            scores.add(importance.apply(original(p.module, p.name).detach()).ravel());
            masks.add(mask(p.module, p.name).ravel());
          }
          Tensor mask = Torch.cat(masks, 0).copy();
          Tensor left = mask.nonzero().ravel();
          Tensor candidates = Torch.cat(scores, 0).indexSelect(0, left);
          Tensor chosen = candidates.topk(count(amount, left.numel()), 0, false).indices();
          mask.indexFill_(0, left.indexSelect(0, chosen), 0);
          long at = 0;
          for (Place p : places) {
            Tensor value = original(p.module, p.name);
            Tensor part = mask.narrow(0, at, value.numel()).reshape(value.shape().sizes());
            apply(p.module, p.name, part.to(value.dtype()).copy());
            at += value.numel();
          }
        });
    // Outside, so that gradients go through what was computed last.
    places.forEach(p -> apply(p.module, p.name, mask(p.module, p.name)));
    return result;
  }

  private static <M extends Module> M slices(
      M module, String name, double amount, int axis, UnaryOperator<Tensor> importance) {
    Tensor value = original(module, name).detach();
    int along = value.shape().axis(axis);
    if (value.dim() < 2) {
      throw TorchException.shape("prune", name, value.shape(), "at least two dimensions");
    }
    Tensor mask = mask(module, name);
    int[] others = IntStream.range(0, value.dim()).filter(i -> i != along).toArray();
    Tensor left = mask.sum(others).nonzero().ravel();
    Tensor rows = value.movedim(along, 0).indexSelect(0, left);
    Tensor chosen = importance.apply(rows).topk(count(amount, left.numel()), 0, false).indices();
    Tensor changed = mask.copy();
    changed.indexFill_(along, left.indexSelect(0, chosen), 0);
    apply(module, name, changed);
    return module;
  }
}
