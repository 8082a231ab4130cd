package dev.flambeau.onnx;

import dev.flambeau.onnx.proto.AttributeProto;
import dev.flambeau.onnx.proto.GraphProto;
import dev.flambeau.onnx.proto.ModelProto;
import dev.flambeau.onnx.proto.NodeProto;
import dev.flambeau.onnx.proto.TensorProto;
import dev.flambeau.onnx.proto.ValueInfoProto;
import dev.flambeau.torch.TorchException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The boxes and edges of a file's graphs, those of bodies and functions after the main one. */
final class Drawing {
  /** More boxes than this are no picture. */
  private static final int MOST = 20_000;

  private static final int LONGEST = 60;

  /**
   * A box.
   *
   * @param kind which colour it has
   * @param notes rows of names and texts for who looks closer
   * @param from values that come from other boxes or from constants, with what is known of them
   * @param to values it gives, with their types
   */
  record Box(
      int id,
      String kind,
      String title,
      String below,
      Map<String, String> notes,
      Map<String, String> from,
      Map<String, String> to) {}

  /** A graph: its title, its boxes and the edges between the numbers of boxes. */
  record Sheet(String title, List<Box> boxes, List<int[]> edges) {}

  final List<Sheet> sheets = new ArrayList<>();
  private final ShapeInference shapes;
  private int boxes;

  Drawing(ModelProto model, String file) {
    TensorReader reader = new TensorReader(file, new ExternalData(Optional.empty()));
    this.shapes = ShapeInference.of(model, reader);
    add(file, model.getGraph(), model.getGraph().getNodeList());
    model
        .getFunctionsList()
        .forEach(
            f ->
                add(
                    "function " + f.getName(),
                    GraphProto.newBuilder()
                        .addAllInput(f.getInputList().stream().map(Drawing::named).toList())
                        .addAllOutput(f.getOutputList().stream().map(Drawing::named).toList())
                        .build(),
                    f.getNodeList()));
  }

  private static ValueInfoProto named(String name) {
    return ValueInfoProto.newBuilder().setName(name).build();
  }

  private void add(String title, GraphProto graph, List<NodeProto> nodes) {
    boxes += nodes.size() + graph.getInputCount() + graph.getOutputCount();
    if (boxes > MOST) {
      throw TorchException.format(title, "more than " + MOST + " nodes are no picture");
    }
    Map<String, String> constants = new HashMap<>();
    graph.getInitializerList().forEach(t -> constants.put(t.getName(), describe(t)));
    graph
        .getSparseInitializerList()
        .forEach(t -> constants.put(t.getValues().getName(), "sparse " + t.getDimsList()));
    Map<String, String> types = new HashMap<>(constants);
    shapes.values(graph).forEach((name, value) -> types.putIfAbsent(name, described(value.type())));
    List<Box> sheet = new ArrayList<>();
    List<int[]> edges = new ArrayList<>();
    Map<String, Integer> makers = new HashMap<>();
    for (ValueInfoProto input : graph.getInputList()) {
      if (!constants.containsKey(input.getName())) {
        makers.put(input.getName(), sheet.size());
        sheet.add(border(sheet.size(), "input", input));
      }
    }
    List<Runnable> bodies = new ArrayList<>();
    for (NodeProto node : nodes) {
      if (node.getOpType().equals("Constant") && node.getOutputCount() == 1) {
        constants.put(node.getOutput(0), constant(node));
        types.put(node.getOutput(0), constant(node));
        continue;
      }
      Box box = box(sheet.size(), node, constants, types);
      edges(node.getInputList(), makers, box.id(), edges);
      for (AttributeProto a : node.getAttributeList()) {
        if (a.hasG()) {
          edges(captured(a.getG()), makers, box.id(), edges);
          bodies.add(() -> add(label(node) + ": " + a.getName(), a.getG(), a.getG().getNodeList()));
        }
      }
      node.getOutputList().forEach(name -> makers.put(name, box.id()));
      sheet.add(box);
    }
    for (ValueInfoProto output : graph.getOutputList()) {
      Box box = border(sheet.size(), "output", output);
      edges(List.of(output.getName()), makers, box.id(), edges);
      sheet.add(box);
    }
    sheets.add(new Sheet(title, sheet, edges));
    bodies.forEach(Runnable::run);
  }

  private static void edges(
      List<String> values, Map<String, Integer> makers, int to, List<int[]> edges) {
    Set<Integer> from = new HashSet<>();
    for (String value : values) {
      Integer maker = makers.get(value);
      // A damaged file may have a value before its node.
      if (maker != null && maker < to && from.add(maker)) {
        edges.add(new int[] {maker, to});
      }
    }
  }

  /** Names that a body uses; those it does not make itself come from around. */
  private static List<String> captured(GraphProto body) {
    List<String> used = new ArrayList<>();
    for (NodeProto node : body.getNodeList()) {
      used.addAll(node.getInputList());
      node.getAttributeList().stream()
          .filter(AttributeProto::hasG)
          .forEach(a -> used.addAll(captured(a.getG())));
    }
    body.getOutputList().forEach(o -> used.add(o.getName()));
    return used;
  }

  private static Box border(int id, String kind, ValueInfoProto value) {
    String type =
        ElementType.of(value.getType().getTensorType().getElemType())
            .map(ElementType::name)
            .orElse("");
    String sizes = Dims.of(value.getType()).map(Dims::toString).orElse("");
    Map<String, String> notes = Map.of("type", (type + " " + sizes).strip());
    Map<String, String> gives = kind.equals("input") ? Map.of(value.getName(), "") : Map.of();
    Map<String, String> takes = kind.equals("input") ? Map.of() : Map.of(value.getName(), "");
    return new Box(id, kind, value.getName(), sizes, notes, takes, gives);
  }

  private static String label(NodeProto node) {
    return node.getOpType() + (node.getName().isEmpty() ? "" : " " + node.getName());
  }

  /** What is known of a type; nothing where not even its elements are. */
  private static String described(ValueType type) {
    return type instanceof ValueType.Unknown ? "" : type.describe();
  }

  /**
   * @param types of all values, constants as their own texts
   */
  private static Box box(
      int id, NodeProto node, Map<String, String> constants, Map<String, String> types) {
    Map<String, String> notes = new LinkedHashMap<>();
    if (!node.getName().isEmpty()) {
      notes.put("name", node.getName());
    }
    if (!node.getDomain().isEmpty()) {
      notes.put("domain", node.getDomain());
    }
    node.getAttributeList().forEach(a -> notes.put(a.getName(), text(a)));
    Map<String, String> from = new LinkedHashMap<>();
    node.getInputList().stream()
        .filter(name -> !name.isEmpty())
        .forEach(name -> from.put(name, types.getOrDefault(name, "")));
    Map<String, String> to = new LinkedHashMap<>();
    node.getOutputList().stream()
        .filter(name -> !name.isEmpty())
        .forEach(name -> to.put(name, types.getOrDefault(name, "")));
    String weights =
        from.keySet().stream()
            .filter(constants::containsKey)
            .map(constants::get)
            .filter(text -> text.contains("["))
            .map(text -> text.substring(text.indexOf('[')))
            .collect(Collectors.joining(" "));
    return new Box(
        id, DrawingPage.kind(node.getOpType()), node.getOpType(), weights, notes, from, to);
  }

  private static String describe(TensorProto t) {
    String type = ElementType.of(t.getDataType()).map(ElementType::name).orElse("?");
    return type + " " + t.getDimsList();
  }

  private static String constant(NodeProto node) {
    return node.getAttributeList().stream()
        .map(a -> a.hasT() ? describe(a.getT()) : text(a))
        .findFirst()
        .orElse("");
  }

  private static String text(AttributeProto a) {
    String text =
        switch (a.getType()) {
          case INT -> "" + a.getI();
          case FLOAT -> "" + a.getF();
          case STRING -> a.getS().toString(StandardCharsets.UTF_8);
          case INTS -> "" + a.getIntsList();
          case FLOATS -> "" + a.getFloatsList();
          case TENSOR -> describe(a.getT());
          case GRAPH -> "a graph of " + a.getG().getNodeCount() + " nodes, drawn below";
          default -> a.getType().name().toLowerCase(Locale.ROOT);
        };
    return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "...";
  }
}
