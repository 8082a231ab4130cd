package dev.flambeau.torch.op;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.dispatch.Dispatcher;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A product of 8-bit integers on another scale, in one go: sum * scale [+ bias], brought into
 * {@code low} to {@code high}; for a result of U8 or I8 then rounded half to even, plus the zero
 * point, brought into the type's range. Inputs: the base's four; the scale (F32), one number or one
 * a column or output channel, for a matrix product anything that broadcasts; the bias (F32), one
 * number a column or channel; for integers the zero point (I32, one number). It has no gradient.
 *
 * @param base {@link IntMatMul} or {@link IntConv}
 * @param result F32, U8 or I8
 */
public record Rescaled(Structured base, boolean bias, double low, double high, DType result)
    implements OfIntegers {
  /** Inputs of the base. */
  public static final int FACTORS = 4;

  public Rescaled {
    if (!(base instanceof IntMatMul) && !(base instanceof IntConv)) {
      throw TorchException.argument("rescaled", "base", base.name(), "int_matmul or int_conv");
    }
    if (result != DType.F32 && result != DType.U8 && result != DType.I8) {
      throw TorchException.type("rescaled_" + base.name(), "result", result, "F32, U8 or I8");
    }
  }

  /** Without bounds. */
  public Rescaled(Structured base, boolean bias, DType result) {
    this(base, bias, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, result);
  }

  @Override
  public String name() {
    return "rescaled_" + base.name();
  }

  /** Whether the result is rounded. */
  public boolean rounds() {
    return result != DType.F32;
  }

  @Override
  public Meta[] infer(Meta[] inputs) {
    List<String> names = new ArrayList<>(List.of("scale"));
    if (bias) {
      names.add("bias");
    }
    if (rounds()) {
      names.add("zero point");
    }
    if (inputs.length != FACTORS + names.size()) {
      throw TorchException.argument(
          name(), "inputs", inputs.length, (FACTORS + names.size()) + " tensors");
    }
    Meta y = base.infer(Arrays.copyOf(inputs, FACTORS))[0];
    Shape each = Shape.of(y.size(channelAxis(y.rank())));
    for (int i = 0; i < names.size(); i++) {
      String argument = names.get(i);
      Meta meta = inputs[FACTORS + i];
      DType type = argument.equals("zero point") ? DType.I32 : DType.F32;
      if (meta.dtype() != type) {
        throw TorchException.type(name(), argument, meta.dtype(), "" + type);
      }
      boolean fits =
          switch (argument) {
            case "bias" -> meta.shape().equals(each);
            case "scale" ->
                base instanceof IntMatMul
                    ? y.shape().equals(y.shape().broadcast(meta.shape(), name()))
                    : meta.rank() == 0 || meta.shape().equals(each);
            default -> meta.shape().numel() == 1 && meta.rank() < 2;
          };
      if (!fits) {
        throw TorchException.shape(name(), argument, meta.shape(), "one number, or " + each);
      }
    }
    return new Meta[] {IntConv.as(result, y)};
  }

  private int channelAxis(int rank) {
    return base instanceof IntConv ? 1 : rank - 1;
  }

  /** The least and the largest result, zero point included. */
  private static int[] range(DType type) {
    return type == DType.U8 ? new int[] {0, 255} : new int[] {-128, 127};
  }

  @Override
  public Optional<Tensor[]> decompose(Tensor[] in) {
    Tensor y = Dispatcher.call(base, Arrays.copyOf(in, FACTORS)).to(DType.F32);
    int axis = channelAxis(y.dim());
    boolean channels = base instanceof IntConv;
    Tensor scale = in[FACTORS];
    y = y.mul(channels ? scale.reshape(IntConv.channels(scale, axis, y.dim())) : scale);
    if (bias) {
      Tensor offset = in[FACTORS + 1];
      y = y.add(offset.reshape(IntConv.channels(offset, axis, y.dim())));
    }
    if (low > Double.NEGATIVE_INFINITY || high < Double.POSITIVE_INFINITY) {
      y = y.clamp(low, high);
    }
    if (rounds()) {
      int[] range = range(result);
      Tensor zero = in[in.length - 1].reshape().to(DType.F32);
      y = y.round().add(zero).clamp(range[0], range[1]).to(result);
    }
    return Optional.of(new Tensor[] {y});
  }
}
