package dev.flambeau.torch.nn.utils;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.nn.Extras;
import dev.flambeau.torch.nn.Module;
import dev.flambeau.torch.nn.ModuleDict;

/**
 * Parameters computed from others before each {@link Module#call}: the state then has {@code
 * parametrizations.weight.original} instead of {@code weight}. PyTorch: {@code
 * torch.nn.utils.parametrize}, which computes at each access.
 */
public final class Parametrize {
  private static final String PART = "parametrizations";

  private Parametrize() {}

  /**
   * Parametrizes a parameter, or one that is already by one step more, and returns the module.
   *
   * @param parametrization maps one tensor to another of the same shape and type
   * @throws TorchException if it gives another shape or type; nothing is changed then
   */
  public static <M extends Module> M register(M module, String name, Module parametrization) {
    Extras extras = Extras.of(module);
    Tensor value = extras.get(name);
    ModuleDict<ParametrizationList> lists = lists(extras);
    parametrization.train(module.isTraining());
    if (isParametrized(module, name)) {
      ParametrizationList list = lists.get(name);
      list.append(parametrization);
      try {
        check(Torch.noGrad(list::value), value);
      } catch (TorchException e) {
        list.removeLast();
        throw e;
      }
      extras.compute(name, list::value);
      return module;
    }
    if (extras.isComputed(name) || !value.isLeaf()) {
      throw TorchException.argument(
          "register_parametrization", "tensor_name", name, "a parameter that is not computed");
    }
    Tensor before = value.detach().copy();
    ParametrizationList list = new ParametrizationList(parametrization, value);
    try {
      check(Torch.noGrad(list::value), before);
    } catch (TorchException e) {
      value.setData(before);
      throw e;
    }
    lists.put(name, list);
    extras.addChild(PART, lists);
    extras.compute(name, list::value);
    return module;
  }

  private static void check(Tensor result, Tensor value) {
    if (!result.shape().equals(value.shape()) || result.dtype() != value.dtype()) {
      throw TorchException.shape(
          "register_parametrization",
          "parametrization's result",
          result.dtype() + " " + result.shape(),
          "as the parameter, " + value.dtype() + " " + value.shape());
    }
  }

  /** Those of all tensors of the module, by name; a new one if there are none. */
  @SuppressWarnings("unchecked") // only this class adds a part of this name
  private static ModuleDict<ParametrizationList> lists(Extras extras) {
    return extras.contains(PART)
        ? (ModuleDict<ParametrizationList>) extras.child(PART)
        : new ModuleDict<>();
  }

  /** Whether a tensor of the module itself is parametrized. */
  public static boolean isParametrized(Module module) {
    return Extras.of(module).contains(PART);
  }

  /** Whether this tensor of the module itself is parametrized. */
  public static boolean isParametrized(Module module, String name) {
    return lists(Extras.of(module)).asMap().containsKey(name);
  }

  /** The parametrizations of a tensor. */
  public static ParametrizationList of(Module module, String name) {
    return lists(Extras.of(module)).get(name);
  }

  /**
   * Sets what is trained so that the parametrized tensor becomes {@code value}.
   *
   * @throws TorchException if a parametrization has no right inverse
   */
  public static void assign(Module module, String name, Tensor value) {
    ParametrizationList list = of(module, name);
    list.assign(value);
    Extras.of(module).compute(name, list::value);
  }

  /**
   * Makes the tensor an ordinary parameter again and returns the module.
   *
   * @param leaveParametrized whether it keeps its computed value; otherwise it gets that of what
   *     was trained, which must be one tensor then
   */
  public static <M extends Module> M remove(M module, String name, boolean leaveParametrized) {
    ParametrizationList list = of(module, name);
    Extras extras = Extras.of(module);
    boolean single = list.originals().size() == 1;
    if (!leaveParametrized && !single) {
      throw TorchException.argument(
          "remove_parametrizations",
          "leave_parametrized",
          false,
          "true where there are several originals");
    }
    Tensor original = list.originals().getFirst();
    Tensor parameter = original;
    if (leaveParametrized) {
      Tensor value = Torch.noGrad(list::value).detach().copy();
      parameter = single ? original.setData(value) : value.requiresGrad(original.requiresGrad());
    }
    extras.fix(name, parameter);
    ModuleDict<ParametrizationList> lists = lists(extras);
    lists.remove(name);
    if (lists.size() == 0) {
      extras.remove(PART);
    }
    return module;
  }
}
