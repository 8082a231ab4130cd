package dev.flambeau.onnx;

import dev.flambeau.onnx.proto.AttributeProto;
import dev.flambeau.onnx.proto.GraphProto;
import dev.flambeau.onnx.proto.ModelProto;
import dev.flambeau.onnx.proto.NodeProto;
import dev.flambeau.onnx.proto.TensorShapeProto;
import dev.flambeau.onnx.proto.ValueInfoProto;
import dev.flambeau.torch.TorchException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Makes a model smaller that computes the same in inference: passes over a {@link ModelEdit} until
 * none finds anything. Operator sets, inputs and outputs stay as they are.
 */
final class Simplifier {
  /** More rounds than nested patterns of exporters need. */
  private static final int ROUNDS = 16;

  private final SimplifyOptions options;
  private final String file;

  private Simplifier(SimplifyOptions options, String file) {
    this.options = options;
    this.file = file;
  }

  /** The simplified model and what was done. */
  record Result(ModelProto model, Simplification report) {}

  /**
   * @throws TorchException if the result would not be a correct model or differ from the original
   */
  static Result simplify(
      ModelProto original, String file, ExternalData external, SimplifyOptions options) {
    return new Simplifier(options, file).run(original, external);
  }

  private Result run(ModelProto original, ExternalData external) {
    ModelEdit model = ModelEdit.of(original, file, external);
    fix(model, options.sizes());
    simplify(model, options);
    ModelProto result = model.build();
    Rewriting.check(original, result, file);
    Equivalence.Result compared = compare(original, result, external);
    if (compared.difference().orElse(0) > options.tolerance()) {
      throw TorchException.format(
          file,
          "the simplified model differs by "
              + compared.difference().getAsDouble()
              + ", relative, on random inputs; allowed: up to "
              + options.tolerance());
    }
    return new Result(
        result,
        new Simplification(
            operators(original),
            operators(result),
            bytes(original, external),
            ModelFile.size(result),
            compared.difference(),
            compared.reason()));
  }

  /** Runs the passes until nothing changes. */
  static void simplify(ModelEdit model, SimplifyOptions options) {
    FoldConstants folding = new FoldConstants(model, options.growth());
    int changes = 1;
    for (int round = 1; round <= ROUNDS && changes > 0; round++) {
      options.tell("round " + round + ", " + model.graph().allNodes().size() + " nodes");
      changes = InlineBranches.run(model);
      changes += DropUnused.run(model);
      changes += folding.run();
      ShapeFacts facts = ShapeFacts.of(model);
      changes += FoldShapes.run(model, facts);
      changes += DropNoOps.run(model, facts);
      changes += MergeMoves.run(model, facts);
      changes += options.fusesNorms() ? FuseNorms.run(model, facts) : 0;
      changes += options.fusesGemm() ? FuseGemm.run(model, facts) : 0;
      changes += ShareEqual.run(model);
      changes += DropUnused.run(model);
    }
  }

  private Equivalence.Result compare(
      ModelProto original, ModelProto result, ExternalData external) {
    if (!options.verifies()) {
      return Equivalence.Result.none("not asked for");
    }
    ModelEdit model = ModelEdit.of(result, file, external);
    if (!Evaluator.isDeterministic(model)) {
      return Equivalence.Result.none("it draws random numbers");
    }
    OnnxModule before;
    try {
      options.tell("comparing with the original");
      before = Onnx.module(original, file, external);
    } catch (TorchException e) {
      return Equivalence.Result.none("it cannot be run: " + e.getMessage());
    }
    return Equivalence.compare(before, Onnx.module(result, file, external), options.verifySizes());
  }

  /** Writes sizes into the types of inputs, outputs and values inside. */
  private static void fix(ModelEdit model, Map<String, Long> sizes) {
    Set<String> known = new TreeSet<>();
    Set<String> unused = new HashSet<>(sizes.keySet());
    model.inputs().replaceAll(info -> fixed(info, sizes, known, unused));
    if (!unused.isEmpty()) {
      throw TorchException.argument("Onnx.simplify", "sizes", unused, "open sizes: " + known);
    }
    GraphEdit graph = model.graph();
    graph.setOutputs(
        graph.outputs().stream()
            .map(info -> fixed(info, sizes, new HashSet<>(), new HashSet<>()))
            .toList());
    graph.infos.replaceAll((_, v) -> fixed(v, sizes, new HashSet<>(), new HashSet<>()));
  }

  private static ValueInfoProto fixed(
      ValueInfoProto info, Map<String, Long> sizes, Set<String> known, Set<String> unused) {
    if (!info.getType().getTensorType().hasShape()) {
      return info;
    }
    ValueInfoProto.Builder out = info.toBuilder();
    TensorShapeProto.Builder shape = out.getTypeBuilder().getTensorTypeBuilder().getShapeBuilder();
    for (int axis = 0; axis < shape.getDimCount(); axis++) {
      TensorShapeProto.Dimension.Builder dim = shape.getDimBuilder(axis);
      String place = info.getName() + ":" + axis;
      if (!dim.hasDimValue() || dim.getDimValue() < 0) {
        known.add(dim.getDimParam().isEmpty() ? place : dim.getDimParam());
      }
      for (String key : List.of(dim.getDimParam(), place)) {
        if (!key.isEmpty() && sizes.containsKey(key)) {
          dim.setDimValue(sizes.get(key));
          unused.remove(key);
        }
      }
    }
    return out.build();
  }

  private static long bytes(ModelProto model, ExternalData external) {
    return Math.max(ModelFile.size(model), external.size());
  }

  /** Number of nodes by operator, in bodies and functions too. */
  static Map<String, Integer> operators(ModelProto model) {
    Map<String, Integer> counts = new TreeMap<>();
    count(model.getGraph(), counts);
    model.getFunctionsList().forEach(f -> f.getNodeList().forEach(n -> count(n, counts)));
    return counts;
  }

  private static void count(GraphProto graph, Map<String, Integer> counts) {
    graph.getNodeList().forEach(n -> count(n, counts));
  }

  private static void count(NodeProto node, Map<String, Integer> counts) {
    String domain = Names.domain(node.getDomain());
    String name = domain.isEmpty() ? node.getOpType() : domain + "." + node.getOpType();
    counts.merge(name, 1, Integer::sum);
    for (AttributeProto a : node.getAttributeList()) {
      if (a.hasG()) {
        count(a.getG(), counts);
      }
    }
  }
}
