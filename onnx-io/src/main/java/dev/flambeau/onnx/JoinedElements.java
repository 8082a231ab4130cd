package dev.flambeau.onnx;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.dispatch.Dispatcher;
import dev.flambeau.torch.op.Pointwise;
import dev.flambeau.torch.op.Quantize;
import dev.flambeau.torch.op.expr.Expr;
import dev.flambeau.torch.op.expr.Simplify;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * DequantizeLinear, then an operator on elements or Concat, then QuantizeLinear, in one pass over
 * memory. Reads: of each operand its elements, scale and zero point (the latter two are left out
 * where it is no integer), then scale and zero point of the result.
 */
final class JoinedElements extends JoinedStep {
  /** Elements, scale and zero point. */
  static final int PARTS = 3;

  /** Empty: Concat. */
  private final Optional<Pointwise> op;

  JoinedElements(Block around, List<Block.Step> originals, int[] reads, Optional<Pointwise> op) {
    super(around, originals, reads);
    this.op = op;
  }

  @Override
  Optional<OnnxValue> join(Call c) {
    int operands = c.count() / PARTS;
    ElementType type = c.has(c.count() - 1) ? c.element(c.count() - 1) : ElementType.UINT8;
    boolean fits = !type.isTiny() && !type.isFloat();
    for (int i = 0; i < c.count(); i++) {
      boolean parameter = i % PARTS != 0 || i == PARTS * operands;
      fits &= !c.has(i) || !parameter || c.in(i).numel() == 1;
    }
    if (!fits) {
      return Optional.empty();
    }
    Tensor y = op.isPresent() ? elements(c, op.get(), type) : concat(c, operands, type);
    return Optional.of(new OnnxValue.Numbers(y, type));
  }

  private static Tensor number(Call c, int input) {
    return c.has(input) ? c.in(input).reshape() : Torch.full(DType.I32, 0);
  }

  private static Tensor elements(Call c, Pointwise op, ElementType type) {
    int operands = op.arity();
    List<Tensor> in = new ArrayList<>();
    Expr[] leaves = new Expr[operands];
    for (int i = 0; i < operands; i++) {
      leaves[i] = Expr.in(in.size());
      in.add(c.in(PARTS * i));
      if (c.has(PARTS * i + 2)) {
        leaves[i] = leaves[i].sub(Expr.in(in.size()));
        in.add(number(c, PARTS * i + 2));
      }
      if (c.has(PARTS * i + 1)) {
        leaves[i] = leaves[i].mul(Expr.in(in.size()));
        in.add(number(c, PARTS * i + 1));
      }
    }
    Expr body = Simplify.substitute(op.outputs().getFirst(), leaves);
    return quantized(c, body, in, type);
  }

  private static Tensor quantized(Call c, Expr body, List<Tensor> in, ElementType type) {
    long[] range = Quantizing.range(type);
    DType stored = type.require("QuantizeLinear");
    Quantize quantize = new Quantize(body, in.size(), stored, range[0], range[1]);
    in.add(number(c, c.count() - 2));
    in.add(number(c, c.count() - 1));
    return Dispatcher.call(quantize, in.toArray(Tensor[]::new));
  }

  private static Tensor concat(Call c, int operands, ElementType type) {
    List<Tensor> parts = new ArrayList<>();
    int last = c.count() - 2;
    for (int i = 0; i < PARTS * operands; i += PARTS) {
      boolean same =
          c.element(i) == type
              && number(c, i + 1).item() == number(c, last).item()
              && number(c, i + 2).item() == number(c, last + 1).item();
      List<Tensor> in = new ArrayList<>(List.of(c.in(i), number(c, i + 1), number(c, i + 2)));
      Expr body = Expr.in(0).sub(Expr.in(2)).mul(Expr.in(1));
      parts.add(same ? c.in(i) : quantized(c, body, in, type));
    }
    return Torch.cat(parts, c.axis(c.node().i("axis", 1)));
  }
}
