package dev.flambeau.torch.dispatch;

import dev.flambeau.torch.Mode;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.op.Composite;
import dev.flambeau.torch.op.Op;
import dev.flambeau.torch.op.Pointwise;

/** What the {@link Dispatcher} tells of each call while a function is captured. */
public interface Recorder extends Mode.Capture {
  /** A call that made new tensors. */
  void made(Op op, Tensor[] inputs, Tensor[] outputs);

  /** Whether it wants a call that is made of others as one: see {@link Dispatcher#composite}. */
  default boolean takes(Composite op, Tensor[] inputs) {
    return false;
  }

  /** A call that is about to overwrite tensors, some of which may be its inputs. */
  void overwrites(Pointwise op, Tensor[] inputs, Tensor[] targets);
}
