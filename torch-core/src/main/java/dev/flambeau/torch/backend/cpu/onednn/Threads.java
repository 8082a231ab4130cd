package dev.flambeau.torch.backend.cpu.onednn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.op.Conv;
import dev.flambeau.torch.op.ConvTranspose;
import dev.flambeau.torch.op.ConvWeight;
import dev.flambeau.torch.op.Fused;
import dev.flambeau.torch.op.IntConv;
import dev.flambeau.torch.op.IntMatMul;
import dev.flambeau.torch.op.MatMul;
import dev.flambeau.torch.op.Op;
import dev.flambeau.torch.op.Rescaled;

/**
 * How many threads a primitive is worth. Waking OpenMP's sleeping threads costs some 50 us, as much
 * as a convolution of a small network's last layers: MobileNetV3-Small, batch 1, took 7 ms with
 * both threads of a two-core machine for all of its 52 convolutions, and 2.5 ms with this rule.
 */
final class Threads {
  /** Estimated time on one thread from which on all threads are used. */
  private static final double NANOSECONDS = 120_000;

  private static final double MULTIPLICATIONS_PER_NANOSECOND = 60;

  /** How much faster 8-bit integers are multiplied than floats. */
  private static final double INTEGERS = 4;

  private static final double ELEMENTS_PER_NANOSECOND = 2.5;

  private Threads() {}

  static int suited(Op op, Tensor[] inputs, Tensor[] outputs) {
    long elements = 0;
    for (Tensor t : inputs) {
      elements += t.numel();
    }
    for (Tensor t : outputs) {
      elements += t.numel();
    }
    double nanoseconds =
        elements / ELEMENTS_PER_NANOSECOND
            + multiplications(op, inputs, outputs) / MULTIPLICATIONS_PER_NANOSECOND;
    return nanoseconds < NANOSECONDS ? 1 : Dnnl.THREADS;
  }

  private static double multiplications(Op op, Tensor[] inputs, Tensor[] outputs) {
    return switch (op) {
      case Conv _ -> perWindow(inputs[1]) * outputs[0].numel();
      case ConvTranspose _ -> perWindow(inputs[1]) * inputs[0].numel();
      case ConvWeight _ -> perWindow(outputs[0]) * inputs[1].numel();
      case Fused f -> multiplications(f.base(), inputs, outputs);
      case IntConv _ -> perWindow(inputs[1]) * outputs[0].numel() / INTEGERS;
      case Rescaled r -> multiplications(r.base(), inputs, outputs);
      case IntMatMul _ -> (double) outputs[0].numel() * inputs[0].size(-1) / INTEGERS;
      case MatMul _ -> (double) outputs[0].numel() * inputs[0].size(-1);
      default -> 0;
    };
  }

  private static double perWindow(Tensor weight) {
    return (double) weight.numel() / weight.size(0);
  }
}
