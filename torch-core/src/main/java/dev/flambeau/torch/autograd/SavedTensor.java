package dev.flambeau.torch.autograd;

import dev.flambeau.torch.Device;
import dev.flambeau.torch.Layout;
import dev.flambeau.torch.Mode;
import dev.flambeau.torch.Scope;
import dev.flambeau.torch.Storage;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;

/**
 * A tensor kept for a backward, with what is needed to notice that its elements were changed since.
 * Where {@link Mode.SavedHooks} are set, they keep the elements, and this only remembers the
 * tensor's place in the graph.
 */
final class SavedTensor {
  /** With the elements, or on the meta device if hooks keep them. */
  private final Tensor tensor;

  private final Storage storage;
  private final int version;
  private final Mode.SavedHooks hooks;
  private final Object packed;

  /**
   * Keeps {@code t}.
   *
   * @param version of its storage that backward must find
   */
  SavedTensor(Tensor t, int version, Mode.SavedHooks hooks) {
    if (t.storage().isInference()) {
      throw TorchException.gradient(
          "a tensor of shape "
              + t.shape()
              + " was made in inference mode and cannot be saved for backward;"
              + " use a copy() of it made outside");
    }
    this.hooks = hooks;
    this.version = version;
    if (hooks == null) {
      tensor = t;
      storage = t.storage();
      packed = null;
    } else {
      packed = hooks.pack(t.detach());
      tensor = t.alias();
      storage = new Storage(0, 0, Device.META, () -> {});
      tensor.setData(new Tensor(storage, Layout.contiguous(t.shape()), t.dtype()));
    }
  }

  static SavedTensor of(Tensor t) {
    return new SavedTensor(t, t.storage().version(), Mode.current().savedHooks());
  }

  /**
   * The tensor with its history.
   *
   * @param operator and {@code which}: for the message if its elements were changed
   */
  Tensor get(String operator, String which) {
    if (hooks != null) {
      return unpacked(operator, which);
    }
    if (tensor.storage() != storage) {
      throw TorchException.gradient(
          stale(operator, which) + "but its data was replaced since (setData or a conversion)");
    }
    if (storage.version() != version) {
      throw TorchException.gradient(
          stale(operator, which)
              + "but was changed in place since (version "
              + storage.version()
              + ", expected "
              + version
              + ")");
    }
    return tensor;
  }

  private String stale(String operator, String which) {
    return operator
        + ": its "
        + which
        + ", of shape "
        + tensor.shape()
        + ", is needed for the gradient ";
  }

  private Tensor unpacked(String operator, String which) {
    Tensor data = Scope.visibly(() -> hooks.unpack(packed));
    if (!data.shape().equals(tensor.shape()) || data.dtype() != tensor.dtype()) {
      throw TorchException.gradient(
          "%s: the hook that unpacks its %s returned %s of shape %s; expected %s of shape %s"
              .formatted(
                  operator, which, data.dtype(), data.shape(), tensor.dtype(), tensor.shape()));
    }
    return tensor.alias().setData(data);
  }
}
