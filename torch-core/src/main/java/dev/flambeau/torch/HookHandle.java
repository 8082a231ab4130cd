package dev.flambeau.torch;

/**
 * Takes a hook away again; a second time does nothing. PyTorch: {@code
 * torch.utils.hooks.RemovableHandle}.
 */
@FunctionalInterface
public interface HookHandle extends AutoCloseable {
  /** The hook is not called any more from now on. */
  void remove();

  @Override
  default void close() {
    remove();
  }
}
