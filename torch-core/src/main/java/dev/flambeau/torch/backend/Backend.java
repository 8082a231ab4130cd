package dev.flambeau.torch.backend;

import dev.flambeau.torch.DeviceMemory;
import dev.flambeau.torch.Storage;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.op.Pointwise;
import dev.flambeau.torch.op.Reduction;
import dev.flambeau.torch.op.Structured;

/** What a device must provide. Outputs are allocated, not initialized. */
public interface Backend {
  /** Fresh memory, not cleared. */
  Storage allocate(long bytes);

  /** What has been allocated, and how much may be. */
  DeviceMemory memory();

  /** Evaluates the operator's expressions; outputs may be inputs (in place). */
  void pointwise(Pointwise op, Tensor[] inputs, Tensor[] outputs);

  /**
   * The same operator on many sets of tensors of one shape each: {@code outputs[i]}, some of which
   * may be inputs, from {@code inputs[i]} followed by {@code numbers}. For the updates of
   * optimizers, which have many small tensors.
   */
  void pointwiseEach(Pointwise op, Tensor[][] inputs, double[] numbers, Tensor[][] outputs);

  void reduce(Reduction op, Tensor input, Tensor[] outputs);

  /** Runs the operator's kernel; false if there is none for these inputs. */
  boolean structured(Structured op, Tensor[] inputs, Tensor[] outputs);
}
