package dev.flambeau.torch.op;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.dispatch.Dispatcher;
import java.util.Arrays;
import java.util.Optional;

/**
 * Convolution of 8-bit integers, summed exactly: x (N, C, ...), weight (K, C / groups, ...) -> (N,
 * K, ...), I32. Inputs: x and weight (U8 or I8), and what is subtracted from each (I32): for x one
 * number, which is also what the padding is filled with, for the weight one, or one an output
 * channel. Sums wrap as I32 does. It has no gradient.
 */
public record IntConv(Window window, long groups) implements OfIntegers {
  @Override
  public String name() {
    return "int_conv" + window.axes() + "d";
  }

  @Override
  public Meta[] infer(Meta[] inputs) {
    IntMatMul.check(name(), inputs);
    Shape all = Shape.of(inputs[1].rank() > 0 ? inputs[1].size(0) : 0);
    if (inputs[2].shape().numel() != 1 || inputs[2].rank() > 1) {
      throw TorchException.shape(name(), "zero point", inputs[2].shape(), "one number");
    }
    if (inputs[3].rank() > 0 && !inputs[3].shape().equals(all)) {
      String allowed = "one number, or " + all;
      throw TorchException.shape(name(), "zero point of weight", inputs[3].shape(), allowed);
    }
    Meta x = as(DType.F32, inputs[0]);
    Meta y = new Conv(window, groups).infer(new Meta[] {x, as(DType.F32, inputs[1])})[0];
    return new Meta[] {as(DType.I32, y)};
  }

  static Meta as(DType type, Meta meta) {
    return new Meta(type, meta.device(), meta.layout());
  }

  @Override
  public Optional<Tensor[]> decompose(Tensor[] in) {
    Tensor y = IntMatMul.centred(in[1], in[3]) ? byFloats(in) : compensated(in);
    return Optional.of(new Tensor[] {y});
  }

  /** Floats hold every sum: where the processor has no exact instructions for bytes. */
  private Tensor byFloats(Tensor[] in) {
    DType type = IntMatMul.exact(in[1].numel() / Math.max(1, in[1].size(0)));
    Tensor x = in[0].to(type).sub(in[2].reshape().to(type));
    Tensor w = in[1].to(type).sub(in[3].reshape(channels(in[3], 0, in[1].dim())).to(type));
    return Dispatcher.call(new Conv(window, groups), x, w).to(DType.I32);
  }

  /** The sum of (x - zero)(w - c) less that of (x - zero)(z - c), by sums over each window. */
  private Tensor compensated(Tensor[] in) {
    int centre = IntMatMul.centre(in[1].dtype());
    long[] sizes = in[1].shape().sizes();
    long each = sizes[0] / groups;
    sizes[0] = groups;
    Tensor none = Torch.full(DType.I32, 0);
    Tensor sums =
        Dispatcher.call(this, in[0], Torch.full(DType.I8, 1, sizes), in[2], none)
            .repeatInterleave(each, 1);
    Tensor y = Dispatcher.call(this, in[0], in[1], in[2], Torch.full(DType.I32, centre));
    return y.sub(sums.mul(in[3].sub(centre).reshape(channels(in[3], 1, y.dim()))));
  }

  /** The shape that puts a vector along an axis. */
  static long[] channels(Tensor vector, int axis, int rank) {
    if (vector.dim() == 0) {
      return new long[0];
    }
    long[] sizes = new long[rank];
    Arrays.fill(sizes, 1);
    sizes[axis] = vector.numel();
    return sizes;
  }
}
