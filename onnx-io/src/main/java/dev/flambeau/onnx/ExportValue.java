package dev.flambeau.onnx;

import static dev.flambeau.onnx.ExportGraph.attribute;

import dev.flambeau.onnx.proto.AttributeProto;
import dev.flambeau.torch.DType;
import java.util.List;

/** A value of the graph, with operators on it as methods: formulas read as such. */
record ExportValue(ExportGraph graph, String name) {
  DType type() {
    return graph.type(name);
  }

  private ExportValue of(String other) {
    return new ExportValue(graph, other);
  }

  /** A number of this value's type. */
  ExportValue number(double number) {
    return of(graph.number(number, type()));
  }

  ExportValue node(String type, AttributeProto... attributes) {
    return of(graph.node(type, List.of(name), attributes));
  }

  ExportValue node(String type, ExportValue b, AttributeProto... attributes) {
    return of(graph.node(type, List.of(name, b.name), attributes));
  }

  ExportValue add(ExportValue b) {
    return node("Add", b);
  }

  ExportValue add(double b) {
    return add(number(b));
  }

  ExportValue sub(ExportValue b) {
    return node("Sub", b);
  }

  ExportValue sub(double b) {
    return sub(number(b));
  }

  /** {@code b} minus this. */
  ExportValue from(double b) {
    return number(b).sub(this);
  }

  ExportValue mul(ExportValue b) {
    return node("Mul", b);
  }

  ExportValue mul(double b) {
    return mul(number(b));
  }

  ExportValue div(ExportValue b) {
    return node("Div", b);
  }

  ExportValue div(double b) {
    return div(number(b));
  }

  /** {@code b} over this. */
  ExportValue under(double b) {
    return number(b).div(this);
  }

  ExportValue mod(ExportValue b) {
    return type().isFloat() ? node("Mod", b, attribute("fmod", 1L)) : node("Mod", b);
  }

  ExportValue pow(ExportValue b) {
    return node("Pow", b);
  }

  ExportValue min(ExportValue b) {
    return node("Min", b);
  }

  ExportValue max(ExportValue b) {
    return node("Max", b);
  }

  ExportValue neg() {
    return node("Neg");
  }

  ExportValue abs() {
    return node("Abs");
  }

  ExportValue exp() {
    return node("Exp");
  }

  ExportValue log() {
    return node("Log");
  }

  ExportValue sqrt() {
    return node("Sqrt");
  }

  ExportValue floor() {
    return node("Floor");
  }

  ExportValue lt(ExportValue b) {
    return node("Less", b);
  }

  ExportValue lt(double b) {
    return lt(number(b));
  }

  ExportValue gt(double b) {
    return number(b).lt(this);
  }

  ExportValue le(ExportValue b) {
    return node("LessOrEqual", b);
  }

  ExportValue eq(ExportValue b) {
    return node("Equal", b);
  }

  ExportValue eq(double b) {
    return eq(number(b));
  }

  ExportValue and(ExportValue b) {
    return node("And", b);
  }

  ExportValue or(ExportValue b) {
    return node("Or", b);
  }

  ExportValue not() {
    return node("Not");
  }

  /** {@code yes} where this is true, else {@code no}. */
  ExportValue where(ExportValue yes, ExportValue no) {
    return of(graph.node("Where", List.of(name, yes.name, no.name)));
  }

  ExportValue to(DType type) {
    return of(graph.cast(name, type));
  }

  /** The sum along some axes. */
  ExportValue sum(boolean keepdims, long... axes) {
    return node("ReduceSum", of(graph.longs(axes)), attribute("keepdims", keepdims ? 1L : 0L));
  }

  /** Whether any element is true. */
  ExportValue any() {
    // A sum, since nothing has no maximum.
    return to(DType.I32).node("ReduceSum", attribute("keepdims", 0L)).to(DType.BOOL);
  }

  ExportValue unsqueeze(long... axes) {
    return node("Unsqueeze", of(graph.longs(axes)));
  }

  ExportValue squeeze(long... axes) {
    return node("Squeeze", of(graph.longs(axes)));
  }

  ExportValue transpose(List<? extends Number> perm) {
    return perm.isEmpty() ? this : node("Transpose", attribute("perm", perm));
  }

  ExportValue matmul(ExportValue b) {
    return node("MatMul", b);
  }

  /** The slices of an axis that an index names. */
  ExportValue gather(ExportValue index, long axis) {
    return node("Gather", index, attribute("axis", axis));
  }

  ExportValue reshape(List<long[]> shape) {
    return of(graph.shapes.reshape(name, shape));
  }

  ExportValue reshape(long... shape) {
    return of(graph.shapes.reshape(name, shape));
  }

  ExportValue expand(String shape) {
    return of(graph.node("Expand", List.of(name, shape)));
  }

  /** The sizes, I64. */
  ExportValue shape() {
    return node("Shape");
  }
}
