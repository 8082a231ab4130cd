package dev.flambeau.torch.nn;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Device;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.dispatch.Backends;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Changes the type and the place of a module's tensors, which stay the same objects. */
final class Conversion {
  private Conversion() {}

  static Module to(Module module, DType type) {
    if (!type.isFloat()) {
      throw TorchException.type("Module.to", "dtype", type, "a floating point type");
    }
    return replace(module, t -> t.dtype().isFloat() ? t.to(type) : t);
  }

  static Module to(Module module, Device device) {
    return replace(
        module,
        t -> {
          if (t.device() == device) {
            return t;
          }
          if (device != Device.META) {
            throw TorchException.device("Module.to: meta tensors have no data to move", null);
          }
          return Backends.allocate(new Meta(t.dtype(), device, t.layout().sameOrder(t.shape())));
        });
  }

  private static Module replace(Module module, UnaryOperator<Tensor> change) {
    module.walk(
        "",
        (_, m) -> {
          m.allParameters().values().forEach(t -> exchange(t, change));
          m.allBuffers(false).values().forEach(t -> exchange(t, change));
        });
    return module;
  }

  private static void exchange(Tensor t, UnaryOperator<Tensor> change) {
    Tensor changed = change.apply(t.detach());
    if (changed.storage() != t.storage()) {
      t.setData(changed);
      t.grad().ifPresent(g -> t.setGrad(Optional.of(change.apply(g))));
    }
  }
}
