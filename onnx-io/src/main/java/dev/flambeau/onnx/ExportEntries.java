package dev.flambeau.onnx;

import dev.flambeau.onnx.proto.GraphProto;
import dev.flambeau.onnx.proto.TensorShapeProto;
import dev.flambeau.onnx.proto.TypeProto;
import dev.flambeau.onnx.proto.ValueInfoProto;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.op.Cast;
import dev.flambeau.torch.op.Op;
import dev.flambeau.torch.op.Pointwise;
import dev.flambeau.torch.op.Reduction;
import dev.flambeau.torch.op.Structured;
import dev.flambeau.torch.op.View;
import java.util.ArrayList;
import java.util.List;

/** What was captured as nodes, entry by entry. */
final class ExportEntries {
  private final ExportGraph graph;
  private final ExportValues values;
  private final ExportKept nodes;

  ExportEntries(ExportGraph graph, ExportValues values, ExportKept nodes) {
    this.graph = graph;
    this.values = values;
    this.nodes = nodes;
  }

  void write(ExportEntry entry) {
    switch (entry) {
      case ExportEntry.Step step -> step(step);
      case ExportEntry.Kept node -> kept(node);
      case ExportEntry.Idle idle -> dropout(idle);
      case ExportEntry.Choice choice -> choice(choice);
      case ExportEntry.Repeat repeat -> repeat(repeat);
    }
  }

  private void step(ExportEntry.Step step) {
    String where = step.op().name() + " at " + step.site();
    if (empty(step)) {
      return;
    }
    List<String> in = new ArrayList<>();
    for (int value : step.inputs()) {
      in.add(values.natural(value, where));
    }
    if (in.contains("")) {
      return;
    }
    graph.shapes.near(step.inputs());
    try {
      requireSameAttributes(step);
      List<Meta> metas = step.inputs().stream().map(graph::meta).toList();
      List<Meta> results = step.outputs().stream().map(graph::meta).toList();
      ExportCall call = new ExportCall(graph, step.index(), in);
      List<String> out =
          switch (step.op()) {
            case Pointwise p -> ExportPointwise.export(graph, p, in, metas, results);
            case Reduction r -> ExportReductions.export(call, r);
            case View _ -> List.of(ExportViews.export(call));
            case Cast c -> List.of(cast(in.getFirst(), metas.getFirst().dtype(), c.dtype()));
            case Structured s -> ExportStructured.export(call, s);
          };
      for (int k = 0; k < Math.min(out.size(), step.outputs().size()); k++) {
        graph.name(step.outputs().get(k), out.get(k));
      }
      for (int k = out.size(); k < step.outputs().size(); k++) {
        values.lacks(step.outputs().get(k));
      }
    } catch (ExportGraph.Hole e) {
      values.holes.add(where + ": " + e.getMessage());
    }
  }

  private String cast(String name, DType from, DType to) {
    return values.as(name, ElementType.of(from), ElementType.of(to));
  }

  /** Results without elements are constants, whatever the operator. */
  private boolean empty(ExportEntry.Step step) {
    for (int value : step.outputs()) {
      for (ExportTape tape : graph.sizes.tapes) {
        boolean same = tape.metas.get(value).shape().equals(graph.meta(value).shape());
        if (!same || tape.metas.get(value).shape().numel() > 0) {
          return false;
        }
      }
    }
    for (int value : step.outputs()) {
      Meta meta = graph.meta(value);
      graph.name(value, graph.constant(Torch.empty(meta.dtype(), meta.shape().sizes())));
    }
    return true;
  }

  /** What an operator does may only follow an open size where its export looks at all captures. */
  private void requireSameAttributes(ExportEntry.Step step) {
    Op op = step.op();
    boolean adapts =
        switch (op) {
          case View _ -> true;
          case Structured s -> ExportStructured.adapts(s);
          case Pointwise _, Reduction _ -> false;
        };
    if (!adapts) {
      for (ExportTape tape : graph.sizes.tapes) {
        if (!tape.steps.get(step.index()).op().equals(op)) {
          throw new ExportGraph.Hole("an attribute follows an open size");
        }
      }
    }
  }

  private void kept(ExportEntry.Kept node) {
    String where = node.step().node().describe();
    List<String> in = new ArrayList<>();
    boolean known = true;
    for (int value : node.inputs()) {
      String name = value < 0 ? "" : values.as(value, node.types().get(value), where);
      in.add(name);
      known &= value < 0 || !name.isEmpty();
    }
    List<List<String>> outside = new ArrayList<>();
    for (List<Integer> used : node.outside()) {
      List<String> names =
          used.stream().map(value -> values.as(value, node.types().get(value), where)).toList();
      outside.add(names);
      known &= !names.contains("");
    }
    if (!known) {
      return;
    }
    ElementType first =
        in.isEmpty() || in.getFirst().isEmpty()
            ? ElementType.FLOAT
            : node.types().getOrDefault(node.inputs().getFirst(), ElementType.FLOAT);
    List<String> out = nodes.write(node.block(), node.step(), in, outside, first);
    for (int i = 0; i < out.size(); i++) {
      int value = node.outputs().get(i);
      if (value >= 0) {
        values.name(value, out.get(i), graph.tape().kept.types.get(value));
      }
    }
  }

  /** So that the module drops again when it is imported and trained. */
  private void dropout(ExportEntry.Idle idle) {
    String in = values.natural(idle.input(), "dropout");
    if (!in.isEmpty()) {
      String ratio = graph.number(idle.ratio(), DType.F32);
      graph.name(idle.output(), graph.node("Dropout", List.of(in, ratio)));
    }
  }

  private void choice(ExportEntry.Choice choice) {
    String condition = truth(choice.condition(), choice.site());
    GraphProto then = body("then", choice.then());
    GraphProto otherwise = body("else", choice.otherwise());
    if (condition.isEmpty() || then.getOutputCount() < 1) {
      return;
    }
    List<String> out =
        graph.nodes(
            "If",
            List.of(condition),
            choice.outputs().size(),
            ExportGraph.attribute("then_branch", then),
            ExportGraph.attribute("else_branch", otherwise));
    for (int i = 0; i < out.size(); i++) {
      graph.name(choice.outputs().get(i), out.get(i));
    }
  }

  private String truth(int value, String where) {
    String condition = values.as(value, ElementType.BOOL, where);
    return condition.isEmpty() || graph.meta(value).rank() == 0
        ? condition
        : graph.node("Reshape", List.of(condition, graph.longs()));
  }

  private void repeat(ExportEntry.Repeat repeat) {
    List<String> in = new ArrayList<>(List.of("", truth(repeat.condition(), repeat.site())));
    for (int value : repeat.carried()) {
      in.add(values.natural(value, repeat.site()));
    }
    GraphProto body = body("body", repeat.body());
    if (in.subList(1, in.size()).contains("")) {
      return;
    }
    List<String> out =
        graph.nodes("Loop", in, repeat.outputs().size(), ExportGraph.attribute("body", body));
    for (int i = 0; i < out.size(); i++) {
      graph.name(repeat.outputs().get(i), out.get(i));
    }
  }

  /** A branch, or, if it takes values, a loop's body, which also takes a number and a truth. */
  private GraphProto body(String name, ExportEntry.Body body) {
    GraphProto.Builder proto = GraphProto.newBuilder().setName(graph.fresh(name));
    boolean loops = !body.inputs().isEmpty();
    if (loops) {
      proto.addInput(single(graph.fresh("/trip"), ElementType.INT64));
      proto.addInput(single(graph.fresh("/go"), ElementType.BOOL));
    }
    for (int value : body.inputs()) {
      graph.name(value, graph.fresh("/carried"));
      proto.addInput(anyShape(graph.name(value), value));
    }
    proto.addAllNode(
        values.within(
            () -> {
              body.entries().forEach(this::write);
              for (int i = 0; i < body.outputs().size(); i++) {
                int value = body.outputs().get(i);
                boolean go = loops && i == 0;
                String made = go ? truth(value, name) : values.natural(value, name);
                if (!made.isEmpty()) {
                  // Of a node of its own: it may be a value from outside, or given twice.
                  String out = graph.node("Identity", List.of(made));
                  proto.addOutput(go ? single(out, ElementType.BOOL) : anyShape(out, value));
                }
              }
            }));
    return proto.build();
  }

  private static ValueInfoProto single(String name, ElementType type) {
    return Exporter.info(name, type, TensorShapeProto.newBuilder());
  }

  private ValueInfoProto anyShape(String name, int value) {
    ElementType type = ElementType.of(graph.meta(value).dtype());
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(TypeProto.Tensor.newBuilder().setElemType(type.code())))
        .build();
  }
}
