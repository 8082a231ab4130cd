package dev.flambeau.torch.backend;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.op.Structured;

/** Computes one structured operator into allocated outputs. */
@FunctionalInterface
public interface Kernel<O extends Structured> {
  void run(O op, Tensor[] inputs, Tensor[] outputs);

  /** Whether a kernel can take these tensors; the next registered one is asked otherwise. */
  @FunctionalInterface
  interface Support<O extends Structured> {
    boolean accepts(O op, Tensor[] inputs, Tensor[] outputs);
  }
}
