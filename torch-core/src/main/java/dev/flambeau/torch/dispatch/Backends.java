package dev.flambeau.torch.dispatch;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Device;
import dev.flambeau.torch.DeviceMemory;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Storage;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.backend.Backend;
import dev.flambeau.torch.backend.cpu.CpuBackend;

/** The backend of each device. */
public final class Backends {
  private static final Backend CPU = new CpuBackend();

  private Backends() {}

  static Backend of(Device device) {
    return switch (device) {
      case CPU -> CPU;
      case META -> throw TorchException.device("meta tensors have no data to compute with", null);
    };
  }

  /** What tensors on a device take. */
  public static DeviceMemory memory(Device device) {
    if (device == Device.META) {
      throw TorchException.argument("memory", "device", device, "a device with memory");
    }
    return of(device).memory();
  }

  /** A tensor with uninitialized data; none on the meta device. */
  public static Tensor allocate(Meta meta) {
    DType type = meta.dtype();
    long numel = meta.shape().numel();
    if (numel > Long.MAX_VALUE / 16) {
      throw TorchException.memory("a tensor of shape " + meta.shape() + " does not fit in memory");
    }
    Storage storage =
        meta.device() == Device.META
            ? new Storage(0, 0, Device.META, () -> {})
            : of(meta.device()).allocate(numel * type.bytes());
    return new Tensor(storage, meta.layout(), type);
  }
}
