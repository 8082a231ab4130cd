package dev.flambeau.torch.catalog;

import static dev.flambeau.torch.catalog.Entry.entry;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.api.Elementwise.Rounding;
import dev.flambeau.torch.nn.functional.F;
import dev.flambeau.torch.op.Pointwise;
import java.util.List;

/** Elementwise operators whose call is more than one or two operands. */
final class PointwiseEntries {
  static final List<Entry> ALL =
      List.of(
          entry(
              "where",
              "Torch.where",
              a -> Torch.where(a.tensor("condition"), a.self(), a.operand("other"))),
          entry("add", "Tensor.add", a -> scaled(Pointwise.ADD, a)),
          entry("sub", "Tensor.sub", a -> scaled(Pointwise.SUB, a)),
          entry("div", "Tensor.div", PointwiseEntries::div),
          entry("true_divide", "Tensor.div", a -> a.self().div(a.operand("other"))),
          entry("pow", "Tensor.pow", a -> a.self().apply(Pointwise.POW, a.operand("exponent")))
              .tolerance(3e-5, 3e-5, "PyTorch's own F32 rounding of large powers"),
          entry(
              "round",
              "Tensor.round",
              a -> a.has("decimals") ? a.self().round(a.axis("decimals")) : a.self().round()),
          entry("asin", "Tensor.asin", a -> a.self().asin())
              .tolerance(1e-5, 1e-5, "PyTorch's own F32 rounding near 1"),
          entry("square", "Tensor.square", a -> a.self().square())
              .without("bool", "squares of bool stay bool"),
          entry(
              "nn.functional.gelu",
              "F.gelu",
              a -> F.gelu(a.self(), a.text("approximate", "none").equals("tanh"))),
          entry(
              "nn.functional.softplus",
              "F.softplus",
              a -> F.softplus(a.self(), a.real("beta", 1), a.real("threshold", 20))));

  private PointwiseEntries() {}

  /** alpha is a keyword, also a bool beside tensors of bool. */
  private static Tensor scaled(Pointwise op, Arguments a) {
    Tensor other = a.operand("other");
    Object alpha = a.named("alpha");
    return switch (alpha) {
      case null -> a.self().apply(op, other);
      case Boolean b -> a.self().apply(op, b ? other : other.zerosLike());
      default -> a.self().apply(op, other.mul(a.number("alpha")));
    };
  }

  private static Tensor div(Arguments a) {
    Tensor other = a.operand("other");
    Object mode = a.named("rounding_mode");
    return mode == null
        ? a.self().div(other)
        : a.self().div(other, mode.equals("floor") ? Rounding.FLOOR : Rounding.TRUNC);
  }
}
