package dev.flambeau.onnx;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.op.Pointwise;
import dev.flambeau.torch.op.Types;
import dev.flambeau.torch.op.expr.Expr;
import dev.flambeau.torch.op.expr.Prim;
import java.util.ArrayList;
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
  private final List<String> inputs = new ArrayList<>();
  private final Map<Expr, String> done = new HashMap<>();
  private final DType type;

  private ExportPointwise(ExportGraph graph, Pointwise op, List<String> given, List<Meta> metas) {
    this.graph = graph;
    DType promoted = Types.promote(metas.toArray(Meta[]::new));
    this.type = op.types() == Types.FLOAT && !promoted.isFloat() ? DType.F32 : promoted;
    for (int i = 0; i < given.size(); i++) {
      boolean fits = metas.get(i).dtype() == type;
      inputs.add(fits ? given.get(i) : graph.cast(given.get(i), type));
    }
  }

  static List<String> export(
      ExportGraph graph, Pointwise op, List<String> in, List<Meta> metas, List<Meta> results) {
    if (op.equals(Pointwise.RELU) && metas.getFirst().dtype().isFloat()) {
      return List.of(graph.node("Relu", in));
    }
    if (graph.opset >= 20 && (op.equals(Pointwise.GELU) || op.equals(Pointwise.GELU_TANH))) {
      String how = op.equals(Pointwise.GELU) ? "none" : "tanh";
      return List.of(graph.node("Gelu", in, ExportGraph.attribute("approximate", how)));
    }
    ExportPointwise self = new ExportPointwise(graph, op, in, metas);
    List<String> out = new ArrayList<>();
    for (int k = 0; k < results.size(); k++) {
      Expr e = op.outputs().get(k);
      DType wanted = results.get(k).dtype();
      if (wanted == DType.BOOL) {
        out.add(self.truth(e));
      } else {
        String value = self.number(e);
        out.add(wanted == self.type ? value : graph.cast(value, wanted));
      }
    }
    return out;
  }

  private static boolean isTruth(Expr e) {
    return e instanceof Expr.Call(Prim prim, List<Expr> _)
        && switch (prim) {
          case LT, LE, EQ, NE, AND, OR, NOT, IS_NAN -> true;
          default -> false;
        };
  }

  /** The value as a number of {@link #type}. */
  private String number(Expr e) {
    String known = done.get(e);
    if (known == null) {
      known = isTruth(e) && type != DType.BOOL ? graph.cast(truth(e), type) : compute(e);
      done.put(e, known);
    }
    return known;
  }

  private String compute(Expr e) {
    return switch (e) {
      case Expr.Const(double value) -> graph.number(value, type);
      case Expr.In(int i) -> inputs.get(i);
      case Expr.Out(int i) -> throw new ExportGraph.Hole("output " + i + " within an expression");
      case Expr.Where(Expr c, Expr a, Expr b) ->
          graph.node("Where", List.of(truth(c), number(a), number(b)));
      case Expr.Call(Prim prim, List<Expr> args) ->
          isTruth(e) ? truth(e) : call(prim, args.stream().map(this::number).toList());
    };
  }

  private String call(Prim prim, List<String> in) {
    String same = SAME.get(prim);
    if (same != null) {
      return graph.node(same, in);
    }
    String x = in.getFirst();
    return switch (prim) {
      case FLOOR_DIV -> floorDiv(in);
      case REMAINDER ->
          type.isFloat()
              ? graph.node("Sub", List.of(x, graph.node("Mul", List.of(floorDiv(in), in.get(1)))))
              : graph.node("Mod", in);
      case FMOD -> graph.node("Mod", in, ExportGraph.attribute("fmod", 1L));
      case TRUNC ->
          graph.node(
              "Where",
              List.of(
                  graph.node("Less", List.of(x, constant(0))),
                  graph.node("Ceil", in),
                  graph.node("Floor", in)));
      case EXPM1 -> graph.node("Sub", List.of(graph.node("Exp", in), constant(1)));
      case LOG1P -> graph.node("Log", List.of(graph.node("Add", List.of(x, constant(1)))));
      case ERFC -> graph.node("Sub", List.of(constant(1), graph.node("Erf", in)));
      case PHI, NDTR -> {
        String erf = graph.node("Erf", List.of(times(x, Math.sqrt(0.5))));
        yield times(graph.node("Add", List.of(erf, constant(1))), 0.5);
      }
      case EXP2 -> graph.node("Pow", List.of(constant(2), x));
      case LOG2 -> times(graph.node("Log", in), 1 / Math.log(2));
      case LOG10 -> times(graph.node("Log", in), 1 / Math.log(10));
      default -> throw new ExportGraph.Hole("the primitive " + prim);
    };
  }

  private String floorDiv(List<String> in) {
    if (type.isFloat()) {
      return graph.node("Floor", List.of(graph.node("Div", in)));
    }
    // Div truncates: what Mod, with the divisor's sign, leaves out is divisible.
    String rest = graph.node("Mod", in);
    return graph.node("Div", List.of(graph.node("Sub", List.of(in.get(0), rest)), in.get(1)));
  }

  private String constant(double value) {
    return number(Expr.of(value));
  }

  private String times(String x, double factor) {
    return graph.node("Mul", List.of(x, constant(factor)));
  }

  /** The value as BOOL. */
  private String truth(Expr e) {
    if (!isTruth(e)) {
      String value = number(e);
      return type == DType.BOOL ? value : graph.cast(value, DType.BOOL);
    }
    Expr.Call call = (Expr.Call) e;
    boolean logical =
        switch (call.prim()) {
          case AND, OR, NOT -> true;
          default -> false;
        };
    // EQ and NE of truths are those of booleans, which Equal takes.
    List<String> in = call.args().stream().map(a -> logical ? truth(a) : number(a)).toList();
    return switch (call.prim()) {
      case LT -> graph.node("Less", in);
      case LE -> graph.node("LessOrEqual", in);
      case EQ -> graph.node("Equal", in);
      case NE -> graph.node("Not", List.of(graph.node("Equal", in)));
      case AND -> graph.node("And", in);
      case OR -> graph.node("Or", in);
      case NOT -> graph.node("Not", in);
      case IS_NAN -> graph.node("IsNaN", in);
      default -> throw new ExportGraph.Hole("the primitive " + call.prim());
    };
  }
}
