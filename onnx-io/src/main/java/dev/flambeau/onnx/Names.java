package dev.flambeau.onnx;

import dev.flambeau.onnx.proto.AttributeProto;
import dev.flambeau.onnx.proto.ValueInfoProto;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The names that are known at a place of a file and the slots they stand for in the block being
 * made. Inside a body the names of the graph around are known too, inside a function they are not.
 */
final class Names {
  private static final Set<String> NOT_TRAINED =
      Set.of(
          "Resize",
          "Upsample",
          "Clip",
          "Pad",
          "Range",
          "Dropout",
          "OneHot",
          "Trilu",
          "Pow",
          "QuantizeLinear",
          "DequantizeLinear",
          "Equal",
          "Less",
          "Greater",
          "Where",
          "Cast",
          "CastLike",
          "Max",
          "Min",
          "NonMaxSuppression",
          "Shape",
          "ConstantOfShape");

  /** Operators whose constants in Constant nodes are weights even of one element. */
  private static final Set<String> LAYERS =
      Set.of(
          "Conv",
          "ConvTranspose",
          "Gemm",
          "MatMul",
          "BatchNormalization",
          "LSTM",
          "GRU",
          "RNN",
          "LayerNormalization",
          "InstanceNormalization",
          "GroupNormalization",
          "Gather",
          "PRelu");

  private final Block block;
  private final Map<String, Long> opsets;
  private final Map<String, AttributeProto> bound;
  private final Names around;
  private final String file;
  private final Map<String, Integer> slots = new HashMap<>();
  private final Map<Integer, Constant> constants;
  private final List<Integer> outside = new ArrayList<>();

  /**
   * @param constants of the block by slot
   * @param bound attributes of the function being expanded
   * @param around the graph around a body; null if there is none
   */
  private Names(
      Block block,
      Map<Integer, Constant> constants,
      Map<String, Long> opsets,
      Map<String, AttributeProto> bound,
      Names around,
      String file) {
    this.block = block;
    this.constants = constants;
    this.opsets = opsets;
    this.bound = bound;
    this.around = around;
    this.file = file;
  }

  static String domain(String name) {
    return name.equals("ai.onnx") ? "" : name;
  }

  /** For a file's graph. */
  static Names graph(Map<String, Long> opsets, String file) {
    return new Names(new Block(), new HashMap<>(), opsets, Map.of(), null, file);
  }

  /** For a body in this graph. */
  Names inside() {
    return new Names(new Block(), new HashMap<>(), opsets, bound, this, file);
  }

  /** For a function expanded in this block. */
  Names function(Map<String, Long> itsOpsets, Map<String, AttributeProto> given) {
    return new Names(block, constants, itsOpsets, given, null, file);
  }

  Block block() {
    return block;
  }

  Map<String, AttributeProto> bound() {
    return bound;
  }

  long opset(String domain) {
    return opsets.getOrDefault(domain, 1L);
  }

  /** Slots of the graph around whose values the body uses, in the order it takes them. */
  int[] outside() {
    return outside.stream().mapToInt(Integer::intValue).toArray();
  }

  private int define(String name) {
    if (name.isEmpty() || slots.containsKey(name)) {
      throw TorchException.format(
          file, name.isEmpty() ? "a value without name" : "two values are named '" + name + "'");
    }
    int slot = block.newSlot();
    slots.put(name, slot);
    return slot;
  }

  /** Lets a name stand for a slot there is; -1 for an input left out. */
  void alias(String name, int slot) {
    if (slots.putIfAbsent(name, slot) != null) {
      throw TorchException.format(file, "two values are named '" + name + "'");
    }
  }

  int find(String name, String where) {
    Integer slot = seek(name);
    if (slot == null) {
      throw TorchException.format(
          file, where + " uses '" + name + "', which nothing before it gives (missing or a cycle)");
    }
    return slot;
  }

  private Integer seek(String name) {
    Integer slot = slots.get(name);
    if (slot != null || around == null) {
      return slot;
    }
    Integer outer = around.seek(name);
    if (outer == null || outer < 0) {
      return outer;
    }
    int inner = block.newSlot();
    slots.put(name, inner);
    block.captured.add(inner);
    outside.add(outer);
    if (around.constants.containsKey(outer)) {
      constants.put(inner, around.constants.get(outer));
    }
    return inner;
  }

  void addConstant(Constant constant) {
    int slot = define(constant.name());
    constants.put(slot, constant);
    block.constants.add(new Block.Held(slot, constant));
  }

  /** A Constant node is a constant like those of the file's list. */
  void addConstantNode(Node node, List<Constant> all) {
    Constant constant =
        new Constant(node.outputs().get(0), node.value("value").orElseThrow(), true);
    all.add(constant);
    addConstant(constant);
  }

  /**
   * PyTorch's exporter writes equal vectors once and Identity nodes for the others, which are
   * parameters and statistics of other layers all the same.
   *
   * @return whether the node is such a copy
   */
  boolean copyVector(Node node, List<Constant> all) {
    Integer slot = node.inputs().size() == 1 ? seek(node.inputs().getFirst()) : null;
    Constant source = slot == null ? null : constants.get(slot);
    if (source == null
        || node.outputs().size() != 1
        || !(source.value() instanceof OnnxValue.Numbers(Tensor vector, ElementType type))
        || vector.dim() != 1) {
      return false;
    }
    OnnxValue value = new OnnxValue.Numbers(vector.copy(), type);
    Constant copy = new Constant(node.outputs().getFirst(), value, source.ofNode());
    all.add(copy);
    addConstant(copy);
    return true;
  }

  /** Before IR version 4 constants are listed among the inputs. */
  void addInput(ValueInfoProto input) {
    Integer known = slots.get(input.getName());
    if (known == null || !constants.containsKey(known)) {
      block.inputs.add(port(input, define(input.getName())));
    }
  }

  void addOutput(ValueInfoProto output) {
    block.outputs.add(port(output, find(output.getName(), "output of the graph")));
  }

  private Block.Port port(ValueInfoProto info, int slot) {
    String where = file + ", '" + info.getName() + "'";
    return new Block.Port(
        info.getName(),
        slot,
        Declared.of(info.getType(), where),
        Dims.of(info.getType()),
        info.getType());
  }

  /** Lets the block know which slots the names stand for. */
  void publish() {
    block.known.putAll(constants);
    block.names.putAll(slots);
    block.names.values().removeIf(slot -> slot < 0);
  }

  /** The part of this block that a Gradient node differentiates: from its xs and zs to its y. */
  Block.Body differentiated(Node node) {
    List<String> from = new ArrayList<>(node.strings("xs"));
    from.addAll(node.strings("zs"));
    int[] inputs = from.stream().mapToInt(name -> find(name, node.describe())).toArray();
    String y = node.s("y", "");
    return block
        .between(TrainingOperators.FUNCTION, inputs, find(y, node.describe()))
        .orElseThrow(
            () ->
                TorchException.format(
                    file, node.describe() + ": '" + y + "' is not computed in the same graph"));
  }

  void addStep(Node node, Registry.Operator operator, List<Block.Body> bodies) {
    int[] reads = new int[node.inputs().size()];
    for (int i = 0; i < reads.length; i++) {
      String name = node.inputs().get(i);
      reads[i] = name.isEmpty() ? -1 : find(name, node.describe());
    }
    for (int i = 0; i < reads.length; i++) {
      if (constants.containsKey(reads[i])) {
        constants.get(reads[i]).use(role(node, i, constants.get(reads[i]), reads));
      }
    }
    int[] writes = new int[node.outputs().size()];
    for (int i = 0; i < writes.length; i++) {
      String name = node.outputs().get(i);
      writes[i] = name.isEmpty() ? -1 : define(name);
    }
    block.steps.add(new Block.Step(node, operator, reads, writes, bodies));
  }

  private Constant.Role role(Node node, int input, Constant constant, int[] reads) {
    String type = node.type();
    if (type.equals("BatchNormalization") && input >= 3) {
      return Constant.Role.STATISTIC;
    }
    if (MicrosoftWeights.knows(node)) {
      boolean weight = MicrosoftWeights.trained(type, input);
      return weight ? Constant.Role.WEIGHT : Constant.Role.CONSTANT;
    }
    // What is quantized is a layer's weight; its scale and zero point are not trained.
    boolean layer = LAYERS.contains(type) || type.equals("QuantizeLinear") && input == 0;
    boolean one =
        constant.ofNode()
            && constant.value() instanceof OnnxValue.Numbers n
            && n.tensor().numel() == 1;
    boolean prepares = reads.length == 2 && isInput(reads[1 - input]);
    return !layer && (one || prepares || NOT_TRAINED.contains(type))
        ? Constant.Role.CONSTANT
        : Constant.Role.WEIGHT;
  }

  /** Whether this is an input of the whole graph: what is done to it at once prepares data. */
  private boolean isInput(int slot) {
    return around == null && block.inputs.stream().anyMatch(port -> port.slot() == slot);
  }
}
