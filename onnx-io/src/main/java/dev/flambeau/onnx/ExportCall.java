package dev.flambeau.onnx;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.op.Op;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/** A captured call that is being exported: its operator in all captures, its inputs' names. */
record ExportCall(ExportGraph graph, int at, List<String> names) {
  ExportEntry.Step step() {
    return graph.tape().steps.get(at);
  }

  Op op() {
    return step().op();
  }

  int count() {
    return names.size();
  }

  ExportValue in(int input) {
    return new ExportValue(graph, names.get(input));
  }

  Meta meta(int input) {
    return graph.meta(step().inputs().get(input));
  }

  Meta result(int output) {
    return graph.meta(step().outputs().get(output));
  }

  int rank() {
    return meta(0).rank();
  }

  /** The sizes of an input in all captures. */
  List<long[]> shape(int input) {
    return ExportViews.shape(graph, step().inputs().get(input));
  }

  /** The sizes of a result in all captures. */
  List<long[]> resultShape(int output) {
    return ExportViews.shape(graph, step().outputs().get(output));
  }

  /** Whether a call or the function's caller takes a result. */
  boolean wants(int output) {
    return graph.tape().reads(step().outputs().get(output));
  }

  /** An attribute of the operator in all captures. */
  <T extends Op> long[] each(Class<T> type, ToLongFunction<T> attribute) {
    return graph.each(tape -> attribute.applyAsLong(type.cast(tape.steps.get(at).op())));
  }

  /** A number each of the operator's axes, say, in all captures. */
  <T extends Op> List<long[]> lists(Class<T> type, Function<T, List<Long>> attribute) {
    List<long[]> all = new ArrayList<>();
    int count = attribute.apply(type.cast(op())).size();
    for (int i = 0; i < count; i++) {
      int k = i;
      all.add(each(type, op -> attribute.apply(op).get(k)));
    }
    return all;
  }

  /** An input that has an axis, if need be of size 1. */
  ExportValue vector(int input) {
    return meta(input).rank() == 0 ? in(input).reshape(1) : in(input);
  }

  /** A result as large as it must be, where it was made of {@link #vector}. */
  String restored(ExportValue value, int output) {
    return result(output).rank() == 0 ? value.reshape().name() : value.name();
  }

  ExportValue longs(long... values) {
    return new ExportValue(graph, graph.longs(values));
  }

  ExportValue whole(long value) {
    return new ExportValue(graph, graph.whole(value));
  }

  /** A number repeated to a shape. */
  ExportValue full(double value, DType type, List<long[]> shape) {
    return new ExportValue(graph, graph.number(value, type)).expand(graph.shape(shape, false));
  }

  /** 0, 1, ... below a size. */
  ExportValue range(long[] size) {
    String end = graph.shapes.scalar(size);
    return new ExportValue(
        graph, graph.node("Range", List.of(graph.whole(0), end, graph.whole(1))));
  }

  /** One of several outputs of a node. */
  List<ExportValue> values(List<String> outputs) {
    return outputs.stream().map(name -> new ExportValue(graph, name)).toList();
  }
}
