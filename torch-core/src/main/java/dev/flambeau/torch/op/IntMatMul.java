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
 * Batched matrix product of 8-bit integers, summed exactly: (..., m, k) x (..., k, n) -> (..., m,
 * n), I32; leading axes broadcast. Inputs: a and b (U8 or I8), and what is subtracted from each
 * (I32): for a one number, or one a row as (..., m, 1); for b one number, or one a column as (n) or
 * (..., 1, n). Sums wrap as I32 does. It has no gradient.
 *
 * @param weight whether b lives longer than the call, so that its packed form is worth keeping
 */
public record IntMatMul(boolean weight) implements OfIntegers {
  @Override
  public String name() {
    return "int_matmul";
  }

  @Override
  public Meta[] infer(Meta[] inputs) {
    check(name(), inputs);
    Shape a = inputs[0].shape();
    Shape b = inputs[1].shape();
    if (a.rank() < 2 || b.rank() < 2 || a.size(-1) != b.size(-2)) {
      throw TorchException.shape(
          name(), "other", a + " x " + b, "matrices whose inner sizes agree");
    }
    checkZero("zero point of a", inputs[2].shape(), a, a.rank() - 1);
    checkZero("zero point of b", inputs[3].shape(), b, b.rank() - 2);
    Shape batch = lead(a).broadcast(lead(b), name());
    long[] sizes = Arrays.copyOf(batch.sizes(), batch.rank() + 2);
    sizes[batch.rank()] = a.size(-2);
    sizes[batch.rank() + 1] = b.size(-1);
    return new Meta[] {Meta.contiguous(DType.I32, inputs[0].device(), Shape.of(sizes))};
  }

  /** The types of two factors and their zero points. */
  static void check(String name, Meta[] inputs) {
    String[] names = {"input", "other", "zero point of the first", "zero point of the second"};
    if (inputs.length != names.length) {
      throw TorchException.argument(name, "inputs", inputs.length, names.length + " tensors");
    }
    for (int i = 0; i < names.length; i++) {
      DType type = inputs[i].dtype();
      boolean fits = i < 2 ? type == DType.U8 || type == DType.I8 : type == DType.I32;
      if (!fits) {
        throw TorchException.type(name, names[i], type, i < 2 ? "U8 or I8" : "I32");
      }
    }
  }

  /** Each axis has size 1 or the matrices', the summed one 1. */
  private void checkZero(String argument, Shape zero, Shape matrices, int summed) {
    int lead = matrices.rank() - zero.rank();
    boolean fits = lead >= 0;
    for (int i = 0; i < zero.rank() && fits; i++) {
      long size = zero.size(i);
      fits = size == 1 || size == matrices.size(lead + i) && lead + i != summed;
    }
    if (!fits) {
      String allowed = "one number or one for each row or column of " + matrices;
      throw TorchException.shape(name(), argument, zero, allowed);
    }
  }

  private static Shape lead(Shape s) {
    return Shape.of(Arrays.copyOf(s.sizes(), s.rank() - 2));
  }

  /** The type in which sums of {@code terms} products of 8-bit integers are exact. */
  static DType exact(long terms) {
    return terms < (1 << 24) / (255 * 255) ? DType.F32 : DType.F64;
  }

  /** What a zero point is where it means that there is none: I8 seen as U8. */
  static int centre(DType type) {
    return type == DType.U8 ? 128 : 0;
  }

  /** Whether factors have no zero point once they are brought to I8. */
  static boolean centred(Tensor factor, Tensor zero) {
    long centre = centre(factor.dtype());
    return Arrays.stream(zero.toLongArray()).allMatch(z -> z == centre);
  }

  /**
   * Zero points that differ by row or column are taken into account by sums over rows or columns.
   * Else by floats, which hold every sum: where the processor has no exact instructions for bytes.
   */
  @Override
  public Optional<Tensor[]> decompose(Tensor[] in) {
    Tensor y = in[2].numel() > 1 ? byRows(in) : in[3].numel() > 1 ? byColumns(in) : byFloats(in);
    return Optional.of(new Tensor[] {y});
  }

  private Tensor byRows(Tensor[] in) {
    Tensor none = Torch.full(DType.I32, 0);
    Tensor ones = Torch.full(DType.I8, 1, 1, in[0].size(-1));
    Tensor sums = Dispatcher.call(new IntMatMul(false), ones, in[1], none, in[3]);
    return Dispatcher.call(this, in[0], in[1], none, in[3]).sub(sums.mul(in[2]));
  }

  private Tensor byColumns(Tensor[] in) {
    int centre = centre(in[1].dtype());
    Tensor y = Dispatcher.call(this, in[0], in[1], in[2], Torch.full(DType.I32, centre));
    if (centred(in[1], in[3])) {
      return y;
    }
    Tensor ones = Torch.full(DType.I8, 1, in[0].size(-1), 1);
    Tensor none = Torch.full(DType.I32, 0);
    Tensor sums = Dispatcher.call(new IntMatMul(false), in[0], ones, in[2], none);
    return y.sub(sums.mul(in[3].sub(centre)));
  }

  private static Tensor byFloats(Tensor[] in) {
    DType type = exact(in[0].size(-1));
    Tensor a = in[0].to(type).sub(in[2].reshape().to(type));
    Tensor b = in[1].to(type).sub(in[3].reshape().to(type));
    return Dispatcher.call(new MatMul(), a, b).to(DType.I32);
  }
}
