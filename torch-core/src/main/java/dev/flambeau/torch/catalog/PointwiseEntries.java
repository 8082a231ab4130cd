package dev.flambeau.torch.catalog;

import static dev.flambeau.torch.catalog.Entry.entry;
import static dev.flambeau.torch.catalog.Entry.several;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.api.Elementwise.Rounding;
import dev.flambeau.torch.op.ElementaryOps;
import dev.flambeau.torch.op.Pointwise;
import dev.flambeau.torch.op.SpecialOps;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Elementwise operators whose call is more than one or two operands. */
final class PointwiseEntries {
  private static final String NO_DECIMAL = "PyTorch's own F32 rounding ";

  static final List<Entry> ALL =
      Stream.of(arithmetic(), bounds(), operators(), comparisons(), functions(), casts())
          .flatMap(List::stream)
          .toList();

  private PointwiseEntries() {}

  private static List<Entry> arithmetic() {
    return List.of(
        entry(
            "where",
            "Torch.where",
            a -> Torch.where(a.tensor("condition"), a.self(), a.operand("other"))),
        entry("add", "Tensor.add", a -> scaled(Pointwise.ADD, a)),
        entry("sub", "Tensor.sub", a -> scaled(Pointwise.SUB, a)),
        entry("rsub", "Tensor.rsub", a -> a.self().rsub(a.operand("other"), a.number("alpha", 1L))),
        entry("div", "Tensor.div", PointwiseEntries::div),
        Entry.absent("complex", "complex numbers"),
        Entry.absent("polar", "complex numbers"),
        entry("true_divide", "Tensor.div", a -> a.self().div(a.operand("other"))),
        entry("pow", "Tensor.pow", a -> a.self().apply(Pointwise.POW, a.operand("exponent")))
            .tolerance(3e-5, 3e-5, NO_DECIMAL + "of large powers"),
        entry("float_power", "Tensor.floatPower", a -> a.self().floatPower(a.operand("exponent"))),
        entry(
            "addcmul",
            "Tensor.addcmul",
            a -> a.self().addcmul(a.tensor("tensor1"), a.tensor("tensor2"), value(a))),
        entry(
            "addcdiv",
            "Tensor.addcdiv",
            a -> a.self().addcdiv(a.tensor("tensor1"), a.tensor("tensor2"), value(a))),
        entry("lerp", "Tensor.lerp", a -> a.self().lerp(a.tensor("end"), a.operand("weight"))));
  }

  private static Number value(Arguments a) {
    Object value = a.named("value");
    return value instanceof Boolean b
        ? (Number) (b ? 1L : 0L)
        : value == null ? 1L : (Number) value;
  }

  private static List<Entry> bounds() {
    return List.of(
        entry("clamp", "Tensor.clamp", PointwiseEntries::clamp),
        entry("clamp_min", "Tensor.clampMin", a -> a.self().clampMin(a.operand("min"))),
        entry("clamp_max", "Tensor.clampMax", a -> a.self().clampMax(a.operand("max"))));
  }

  private static Tensor clamp(Arguments a) {
    boolean low = a.has("min");
    Tensor min = low ? a.operand("min") : null;
    if (!low) {
      a.value("min");
      return a.self().clampMax(a.operand("max"));
    }
    return a.has("max") ? a.self().clamp(min, a.operand("max")) : unboundedAbove(a, min);
  }

  private static Tensor unboundedAbove(Arguments a, Tensor min) {
    a.value("max");
    return a.self().clampMin(min);
  }

  /** What Python's operators call when the tensor is on the right. */
  private static List<Entry> operators() {
    return List.of(
        entry("__radd__", "Tensor.add", a -> a.operand("other").add(a.self())),
        entry("__rmul__", "Tensor.mul", a -> a.operand("other").mul(a.self())),
        entry("__rsub__", "Tensor.sub", a -> a.operand("other").sub(a.self())),
        entry("__rdiv__", "Tensor.div", a -> a.operand("other").div(a.self())),
        entry("__rmod__", "Tensor.remainder", a -> a.operand("other").remainder(a.self())),
        // Python makes a constant of the base.
        entry("__rpow__", "Tensor.pow", a -> a.operand("other").detach().pow(a.self()))
            .tolerance(3e-5, 3e-5, NO_DECIMAL + "of large powers"),
        entry("__rand__", "Tensor.bitwiseAnd", a -> a.operand("other").bitwiseAnd(a.self())),
        entry("__ror__", "Tensor.bitwiseOr", a -> a.operand("other").bitwiseOr(a.self())),
        entry("__rxor__", "Tensor.bitwiseXor", a -> a.operand("other").bitwiseXor(a.self())),
        entry("bitwise_not", "Tensor.bitwiseNot", a -> a.self().bitwiseNot()));
  }

  private static List<Entry> comparisons() {
    return List.of(
        entry(
            "isclose",
            "Tensor.isclose",
            a ->
                a.self()
                    .isclose(
                        a.tensor("other"),
                        a.real("rtol", 1e-5),
                        a.real("atol", 1e-8),
                        a.flag("equal_nan", false))),
        entry(
            "allclose",
            "Tensor.allclose",
            a ->
                Entry.value(
                    a.self()
                        .allclose(
                            a.tensor("other"),
                            a.real("rtol", 1e-5),
                            a.real("atol", 1e-8),
                            a.flag("equal_nan", false)))),
        entry("equal", "Tensor.equalTo", a -> Entry.value(a.self().equalTo(a.tensor("other")))));
  }

  private static List<Entry> functions() {
    return List.of(
        entry(
            "round",
            "Tensor.round",
            a -> a.has("decimals") ? a.self().round(a.axis("decimals")) : a.self().round()),
        entry("asin", "Tensor.asin", a -> a.self().asin())
            .tolerance(1e-5, 1e-5, NO_DECIMAL + "near 1"),
        entry("square", "Tensor.square", a -> a.self().square()),
        Catalog.pointwise(SpecialOps.DIGAMMA).tolerance(2e-5, 2e-5, NO_DECIMAL + "near poles"),
        Catalog.pointwise(ElementaryOps.LDEXP)
            .tolerance(1e-5, 1e-5, NO_DECIMAL + "of powers of two"),
        Catalog.pointwise(SpecialOps.ERFCX).tolerance(1e-5, 1e-5, NO_DECIMAL + "of squares"),
        Catalog.pointwise(SpecialOps.LOG_NDTR).tolerance(1e-5, 1e-5, NO_DECIMAL + "of squares"),
        Catalog.pointwise(SpecialOps.HERMITE_H)
            .tolerance(1e-4, 1e-4, NO_DECIMAL + "in its recurrence"),
        Catalog.pointwise(SpecialOps.HERMITE_HE)
            .tolerance(1e-4, 1e-4, NO_DECIMAL + "in its recurrence"),
        entry("logit", "Tensor.logit", a -> a.self().logit(a.maybeReal("eps"))),
        entry("mvlgamma", "Tensor.mvlgamma", a -> a.self().mvlgamma(a.axis("p"))),
        entry("polygamma", "Tensor.polygamma", a -> polygamma(a))
            .compare(PointwiseEntries::withoutPoles)
            .tolerance(2e-5, 2e-5, NO_DECIMAL + "near poles"),
        entry("special.polygamma", "Tensor.polygamma", a -> polygamma(a))
            .compare(PointwiseEntries::withoutPoles)
            .tolerance(2e-5, 2e-5, NO_DECIMAL + "near poles"),
        entry(
            "nan_to_num",
            "Tensor.nanToNum",
            a -> a.self().nanToNum(a.real("nan", 0), a.maybeReal("posinf"), a.maybeReal("neginf"))),
        several(
            "frexp",
            "Tensor.frexp",
            a -> {
              var parts = a.self().frexp();
              return List.of(parts.mantissa(), parts.exponent());
            }));
  }

  /** At poles, where we give infinity, PyTorch gives whatever 1 / sin(pi)^2 rounds to. */
  private static List<Tensor> withoutPoles(Arguments call, List<Tensor> outputs) {
    Tensor y = outputs.get(0);
    Tensor pole = y.abs().gt(1e12);
    return List.of(Torch.where(pole, y.fullLike(Double.POSITIVE_INFINITY), y));
  }

  /** The order is the first argument in one signature and the second in another. */
  private static Tensor polygamma(Arguments a) {
    return a.input() instanceof Tensor x
        ? x.polygamma(a.whole("n"))
        : a.tensor("input").polygamma((Long) a.input());
  }

  private static List<Entry> casts() {
    List<Entry> all = new ArrayList<>();
    Map.of(
            "bool", DType.BOOL,
            "byte", DType.U8,
            "char", DType.I8,
            "short", DType.I16,
            "int", DType.I32,
            "long", DType.I64,
            "half", DType.F16,
            "bfloat16", DType.BF16,
            "float", DType.F32,
            "double", DType.F64)
        .forEach(
            (name, type) -> all.add(entry(name, "Tensor.to", a -> format(a, a.self().to(type)))));
    all.add(entry("to", "Tensor.to", PointwiseEntries::to));
    return all;
  }

  private static Tensor to(Arguments a) {
    if (a.peek("device") instanceof String) {
      a.value("device");
    }
    Tensor x = a.self();
    Object target = a.value("dtype");
    DType type =
        target instanceof Tensor t ? t.dtype() : target == null ? x.dtype() : (DType) target;
    a.flag("non_blocking", false);
    boolean copy = a.flag("copy", false);
    return format(a, copy && type == x.dtype() ? x.copy() : x.to(type));
  }

  /** The order in memory a keyword asks for. */
  static Tensor format(Arguments a, Tensor t) {
    return switch ((String) a.named("memory_format")) {
      case "torch.contiguous_format" -> t.contiguous();
      case "torch.channels_last" -> t.channelsLast();
      case null -> t;
      case "torch.preserve_format" -> t;
      default -> throw new Arguments.NotSupported("memory_format");
    };
  }

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
