package dev.flambeau.onnx;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.op.Pointwise;
import dev.flambeau.torch.op.Types;
import dev.flambeau.torch.op.expr.Expr;
import dev.flambeau.torch.op.expr.Prim;
import dev.flambeau.torch.op.expr.Simplify;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Expressions on elements as nodes: the other direction of {@link UnaryOperators}. */
final class ExportPointwise {
  private static final Map<Prim, String> SAME =
      Map.ofEntries(
          Map.entry(Prim.ADD, "Add"),
          Map.entry(Prim.SUB, "Sub"),
          Map.entry(Prim.MUL, "Mul"),
          Map.entry(Prim.DIV, "Div"),
          Map.entry(Prim.POW, "Pow"),
          Map.entry(Prim.MIN, "Min"),
          Map.entry(Prim.MAX, "Max"),
          Map.entry(Prim.NEG, "Neg"),
          Map.entry(Prim.ABS, "Abs"),
          Map.entry(Prim.SIGN, "Sign"),
          Map.entry(Prim.FLOOR, "Floor"),
          Map.entry(Prim.CEIL, "Ceil"),
          Map.entry(Prim.ROUND, "Round"),
          Map.entry(Prim.EXP, "Exp"),
          Map.entry(Prim.LOG, "Log"),
          Map.entry(Prim.SQRT, "Sqrt"),
          Map.entry(Prim.SIN, "Sin"),
          Map.entry(Prim.COS, "Cos"),
          Map.entry(Prim.TAN, "Tan"),
          Map.entry(Prim.ASIN, "Asin"),
          Map.entry(Prim.ACOS, "Acos"),
          Map.entry(Prim.ATAN, "Atan"),
          Map.entry(Prim.SINH, "Sinh"),
          Map.entry(Prim.COSH, "Cosh"),
          Map.entry(Prim.ASINH, "Asinh"),
          Map.entry(Prim.ACOSH, "Acosh"),
          Map.entry(Prim.ATANH, "Atanh"),
          Map.entry(Prim.TANH, "Tanh"),
          Map.entry(Prim.SIGMOID, "Sigmoid"),
          Map.entry(Prim.ERF, "Erf"));

  private final ExportGraph graph;
  private final List<String> given;
  private final Map<Expr, String> numbers = new HashMap<>();
  private final Map<Expr, String> truths = new HashMap<>();
  private final DType type;

  /** Computes in {@code type} on values of any type. */
  private ExportPointwise(ExportGraph graph, DType type, List<String> given) {
    this.graph = graph;
    this.type = type;
    this.given = given;
  }

  static List<String> export(
      ExportGraph graph, Pointwise op, List<String> in, List<Meta> metas, List<Meta> results) {
    boolean real = metas.getFirst().dtype().isFloat();
    if (op.equals(Pointwise.RELU) && real) {
      return List.of(graph.node("Relu", in));
    }
    boolean gelu = op.equals(Pointwise.GELU) || op.equals(Pointwise.GELU_TANH);
    if (graph.opset >= 20 && gelu && real) {
      String how = op.equals(Pointwise.GELU) ? "none" : "tanh";
      return List.of(graph.node("Gelu", in, ExportGraph.attribute("approximate", how)));
    }
    DType promoted = Types.promote(metas.toArray(Meta[]::new));
    DType type = op.types() == Types.FLOAT && !promoted.isFloat() ? DType.F32 : promoted;
    ExportPointwise self = new ExportPointwise(graph, computed(op, type), in);
    List<String> out = new ArrayList<>();
    for (int k = 0; k < results.size(); k++) {
      Expr e = op.outputs().get(k);
      DType wanted = results.get(k).dtype();
      // Numbers wrap or round in the operator's type before they are stored in a target's.
      String value =
          wanted == DType.BOOL
              ? self.truth(e)
              : graph.cast(graph.cast(self.number(e), type), wanted);
      out.add(self.stretched(value, e, metas, results.get(k)));
    }
    return out;
  }

  /** An expression on values, in a type. */
  static String value(ExportGraph graph, Expr e, DType type, String... given) {
    return new ExportPointwise(graph, type, Arrays.asList(given)).number(e);
  }

  /** Whether an expression holds for values compared in a type. */
  static String holds(ExportGraph graph, Expr e, DType type, String... given) {
    return new ExportPointwise(graph, type, Arrays.asList(given)).truth(e);
  }

  /** The type to compute in: one that has all operators, and wide where there are several. */
  private static DType computed(Pointwise op, DType type) {
    int calls = op.outputs().stream().mapToInt(ExportPointwise::calls).sum();
    return switch (type) {
      case BOOL -> op.outputs().stream().allMatch(ExportPointwise::isLogical) ? type : DType.I32;
      case U8, I8, I16 -> calls == 0 ? type : DType.I32;
      case F16, BF16 -> calls > 1 ? DType.F32 : type;
      case I32, I64, F32, F64 -> type;
    };
  }

  private static int calls(Expr e) {
    return switch (e) {
      case Expr.Const _, Expr.In _, Expr.Out _ -> 0;
      case Expr.Where w -> calls(w.condition()) + calls(w.yes()) + calls(w.no());
      case Expr.Call c -> 1 + c.args().stream().mapToInt(ExportPointwise::calls).sum();
    };
  }

  private static boolean isLogical(Expr e) {
    return switch (e) {
      case Expr.Const _, Expr.In _, Expr.Out _ -> true;
      case Expr.Where w -> isLogical(w.condition()) && isLogical(w.yes()) && isLogical(w.no());
      case Expr.Call(Prim prim, List<Expr> args) ->
          switch (prim) {
            case EQ, NE, AND, OR, NOT, BIT_AND, BIT_OR, BIT_XOR ->
                args.stream().allMatch(ExportPointwise::isLogical);
            default -> false;
          };
    };
  }

  /** Inputs that only give their shape are not read by the nodes. */
  private String stretched(String value, Expr e, List<Meta> metas, Meta result) {
    int read = Simplify.inputs(e);
    boolean whole = false;
    for (int i = 0; i < metas.size(); i++) {
      whole |= (read >> i & 1) == 1 && metas.get(i).shape().equals(result.shape());
    }
    long all = metas.stream().filter(m -> m.shape().rank() > 0).count();
    if (whole || read == (1 << metas.size()) - 1 || all == 0) {
      return value;
    }
    List<String> some = new ArrayList<>();
    for (int i = 0; i < metas.size(); i++) {
      if ((read >> i & 1) == 0) {
        some.add(given.get(i));
      }
    }
    String out = value;
    for (String other : some) {
      out = graph.node("Expand", List.of(out, graph.node("Shape", List.of(other))));
    }
    return out;
  }

  private static boolean isTruth(Expr e) {
    return e instanceof Expr.Call(Prim prim, List<Expr> _)
        && switch (prim) {
          case LT, LE, EQ, NE, AND, OR, NOT, IS_NAN, SIGNBIT -> true;
          default -> false;
        };
  }

  /** The value as a number of {@link #type}. */
  private String number(Expr e) {
    String known = numbers.get(e);
    if (known == null) {
      known = isTruth(e) ? graph.cast(truth(e), type) : compute(e);
      numbers.put(e, known);
    }
    return known;
  }

  private String compute(Expr e) {
    return switch (e) {
      case Expr.Const(double value) -> graph.number(value, type);
      case Expr.In(int i) -> graph.cast(given.get(i), type);
      case Expr.Out(int i) -> throw new ExportGraph.Hole("output " + i + " within an expression");
      case Expr.Where(Expr c, Expr a, Expr b) ->
          graph.node("Where", List.of(truth(c), number(a), number(b)));
      case Expr.Call(Prim prim, List<Expr> args) -> call(prim, args);
    };
  }

  private String call(Prim prim, List<Expr> args) {
    List<String> in = args.stream().map(this::number).toList();
    if (!type.isFloat()) {
      String whole = ExportIntegers.call(graph, prim, args, in, type);
      if (!whole.isEmpty()) {
        return whole;
      }
    }
    String same = SAME.get(prim);
    return same != null ? graph.node(same, in) : real(prim, args, in);
  }

  private String real(Prim prim, List<Expr> args, List<String> in) {
    String x = in.getFirst();
    Expr formula = ExportFormulas.of(prim, args).orElse(null);
    if (formula != null) {
      return number(formula);
    }
    return switch (prim) {
      case FMOD -> graph.node("Mod", in, ExportGraph.attribute("fmod", 1L));
      case COPYSIGN -> {
        Expr magnitude = Expr.in(0).abs();
        Expr signed = Expr.in(1).where(magnitude.neg(), magnitude);
        yield value(graph, signed, type, x, ExportBits.signBit(graph, in.get(1)));
      }
      case NEXTAFTER, EXPONENT, MANTISSA -> ExportBits.call(graph, prim, in);
      default -> ExportSpecial.call(graph, prim, args, in, type);
    };
  }

  /** The value as BOOL. */
  private String truth(Expr e) {
    String known = truths.get(e);
    if (known == null) {
      known = compare(e);
      truths.put(e, known);
    }
    return known;
  }

  private String compare(Expr e) {
    if (e instanceof Expr.In(int i) && graph.type(given.get(i)) == DType.BOOL) {
      return given.get(i);
    }
    if (!isTruth(e)) {
      return graph.cast(number(e), DType.BOOL);
    }
    Expr.Call call = (Expr.Call) e;
    boolean logical =
        switch (call.prim()) {
          case AND, OR, NOT -> true;
          default -> false;
        };
    List<String> in = call.args().stream().map(a -> logical ? truth(a) : number(a)).toList();
    return switch (call.prim()) {
      case LT -> graph.node("Less", in);
      case LE -> graph.node("LessOrEqual", in);
      case EQ -> graph.node("Equal", in);
      case NE -> graph.node("Not", List.of(graph.node("Equal", in)));
      case AND -> graph.node("And", in);
      case OR -> graph.node("Or", in);
      case NOT -> graph.node("Not", in);
      case SIGNBIT ->
          type.isFloat()
              ? ExportBits.signBit(graph, in.getFirst())
              : graph.node("Less", List.of(in.getFirst(), graph.number(0, type)));
      // Integers are equal to themselves.
      case IS_NAN ->
          type.isFloat()
              ? graph.node("IsNaN", in)
              : graph.node("Not", List.of(graph.node("Equal", List.of(in.get(0), in.get(0)))));
      default -> throw new ExportGraph.Hole("the primitive " + call.prim());
    };
  }
}
