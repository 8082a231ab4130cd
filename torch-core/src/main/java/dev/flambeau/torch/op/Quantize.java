package dev.flambeau.torch.op;

import static dev.flambeau.torch.op.expr.Expr.in;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Layout;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.dispatch.Dispatcher;
import dev.flambeau.torch.op.expr.Expr;
import dev.flambeau.torch.op.expr.Prim;
import dev.flambeau.torch.op.expr.Simplify;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Numbers as integers of a scale: round(body / scale) + zero, brought into {@code low} to {@code
 * high}, where halves are rounded to even. Inputs: those of {@code body}, numbers of any types
 * which are computed in F32 (F64 if one is F64), then scale and zero; all broadcast. PyTorch:
 * {@code torch.quantize_per_tensor} and {@code quantize_per_channel}. The result being integers, it
 * has no gradient.
 *
 * @param body of {@code arity} inputs
 */
public record Quantize(Expr body, int arity, DType result, long low, long high)
    implements Structured {
  /** Of one tensor as it is. */
  public static Quantize to(DType result, long low, long high) {
    return new Quantize(in(0), 1, result, low, high);
  }

  /** An operator on elements between integers and integers: each operand is (x - zero) scale. */
  public static Quantize between(Pointwise op, DType result, long low, long high) {
    Expr[] operands = new Expr[op.arity()];
    Arrays.setAll(operands, i -> in(3 * i).sub(in(3 * i + 2)).mul(in(3 * i + 1)));
    Expr body = Simplify.substitute(op.outputs().getFirst(), operands);
    return new Quantize(body, 3 * op.arity(), result, low, high);
  }

  public Quantize {
    if (result.isFloat() || result == DType.BOOL) {
      throw TorchException.type("quantize", "result", result, "an integer type");
    }
  }

  @Override
  public String name() {
    return "quantize";
  }

  /** What is computed, before it is stored as an integer. */
  public Expr steps() {
    Expr steps = body.div(in(arity)).apply(Prim.ROUND);
    return steps.add(in(arity + 1)).max(Expr.of(low)).min(Expr.of(high));
  }

  /** The type it is computed in. */
  public static DType compute(Meta[] inputs) {
    boolean wide = Arrays.stream(inputs).anyMatch(m -> m.dtype() == DType.F64);
    return wide ? DType.F64 : DType.F32;
  }

  @Override
  public Meta[] infer(Meta[] inputs) {
    if (inputs.length != arity + 2) {
      throw TorchException.argument(
          name(), "inputs", inputs.length, (arity + 2) + " tensors, scale and zero among them");
    }
    Shape shape = inputs[0].shape();
    for (Meta meta : inputs) {
      shape = shape.broadcast(meta.shape(), name());
    }
    Layout layout = Pointwise.layout(inputs, shape);
    return new Meta[] {new Meta(result, inputs[0].device(), layout)};
  }

  /** Without the expression, which is long to go through at every call. */
  @Override
  public int hashCode() {
    return 31 * arity + result.hashCode();
  }

  @Override
  public boolean equals(Object other) {
    return this == other
        || other instanceof Quantize q
            && arity == q.arity
            && result == q.result
            && low == q.low
            && high == q.high
            && body.equals(q.body);
  }

  @Override
  public Optional<Tensor[]> decompose(Tensor[] in) {
    Meta[] metas = Arrays.stream(in).map(Tensor::meta).toArray(Meta[]::new);
    DType type = compute(metas);
    Tensor[] numbers = Arrays.stream(in).map(t -> t.to(type)).toArray(Tensor[]::new);
    Pointwise op = new Pointwise("quantize", arity + 2, List.of(steps()), Types.SAME, null);
    return Optional.of(new Tensor[] {Dispatcher.call(op, numbers).to(result)});
  }

  @Override
  public Saves saves() {
    return Saves.NOTHING;
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor[] gradients) {
    throw TorchException.gradient(name() + " has no gradient: its result are integers");
  }
}
