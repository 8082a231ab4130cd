package dev.flambeau.onnx;

import dev.flambeau.onnx.proto.GraphProto;
import dev.flambeau.onnx.proto.ModelProto;
import dev.flambeau.onnx.proto.NodeProto;
import dev.flambeau.onnx.proto.OperatorSetIdProto;
import dev.flambeau.onnx.proto.ValueInfoProto;
import dev.flambeau.torch.Device;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Mode;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.dispatch.Backends;
import dev.flambeau.torch.op.Op;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/** Runs single nodes of a {@link ModelEdit}: on constants, or on tensors without data. */
final class Evaluator {
  private static final Set<String> RANDOM =
      Set.of(
          "RandomNormal",
          "RandomNormalLike",
          "RandomUniform",
          "RandomUniformLike",
          "Multinomial",
          "Bernoulli");

  /** Most elements of a result that is made to see what it is. */
  private static final long ELEMENTS = 1 << 24;

  private static final long EXECUTIONS = 100_000;

  private Evaluator() {}

  /** Whether a node gives the same for the same inputs, with all in its bodies. */
  static boolean isDeterministic(NodeEdit node) {
    return node.withInner().stream()
        .noneMatch(
            n ->
                n.domain().isEmpty() && RANDOM.contains(n.type())
                    || n.is("Dropout") && n.hasInput(2)
                    || n.is("BatchNormalization") && n.i("training_mode", 0) != 0);
  }

  /** The same of all nodes, those of functions too. */
  static boolean isDeterministic(ModelEdit model) {
    return model.graph().allNodes().stream().allMatch(Evaluator::isDeterministic)
        && model.functions().stream()
            .flatMap(f -> f.getNodeList().stream())
            .noneMatch(n -> RANDOM.contains(n.getOpType()));
  }

  /** What a Constant node holds. */
  static OnnxValue constant(ModelEdit model, NodeEdit node) {
    return run(model, node, List.of())[0];
  }

  /** Whether its operator is known; functions' calls and other domains may not be. */
  static boolean isKnown(ModelEdit model, NodeEdit node) {
    return !model.isFunction(node)
        && Registry.find(node.domain(), node.type(), model.opset(node.domain())).isPresent();
  }

  /**
   * The node's results for these inputs, null for those left out.
   *
   * @throws TorchException if it cannot be run on them
   */
  static OnnxValue[] run(ModelEdit model, NodeEdit node, List<OnnxValue> inputs) {
    long opset = model.opset(node.domain());
    Registry.Operator operator =
        Registry.find(node.domain(), node.type(), opset)
            .orElseThrow(
                () -> TorchException.format(model.reader().file(), node.type() + " is unknown"));
    int[] reads = new int[inputs.size()];
    for (int i = 0; i < reads.length; i++) {
      reads[i] = inputs.get(i) == null ? -1 : i;
    }
    int[] writes = new int[node.outputs().size()];
    for (int i = 0; i < writes.length; i++) {
      writes[i] = node.outputs().get(i).isEmpty() ? -1 : reads.length + i;
    }
    Node imported = new Node(node.proto(), opset, model.reader(), Map.of());
    Block.Step step = new Block.Step(imported, operator, reads, writes, List.of());
    OnnxValue[] values = inputs.toArray(new OnnxValue[reads.length + writes.length]);
    Run run = new Run(model.reader().file(), false);
    boolean data = inputs.stream().allMatch(v -> v == null || hasData(v));
    return Limits.within(
        data ? ELEMENTS : Long.MAX_VALUE / 64,
        EXECUTIONS,
        () -> Torch.noGrad(() -> Block.apply(run, step, new Call(step, values, run))));
  }

  /**
   * As {@link #run}, for a node with bodies.
   *
   * @param around constants by the names of the values the node reads
   */
  static List<OnnxValue> runWithBodies(
      ModelEdit model, NodeEdit node, Map<String, OnnxValue> around) {
    NodeProto proto = node.proto();
    GraphProto.Builder graph = GraphProto.newBuilder().setName("folded").addNode(proto);
    around.forEach((name, value) -> graph.addInitializer(TensorWriter.write(name, value)));
    proto.getOutputList().stream()
        .filter(o -> !o.isEmpty())
        .forEach(o -> graph.addOutput(ValueInfoProto.newBuilder().setName(o)));
    ModelProto.Builder alone = ModelProto.newBuilder().setIrVersion(8).setGraph(graph);
    model
        .opsets()
        .forEach(
            (domain, version) ->
                alone.addOpsetImport(
                    OperatorSetIdProto.newBuilder().setDomain(domain).setVersion(version)));
    alone.addAllFunctions(model.functions());
    String file = model.reader().file();
    Importer.Imported imported =
        Importer.read(alone.build(), file, new ExternalData(Optional.empty()), new ImportOptions());
    return Limits.within(
        ELEMENTS,
        EXECUTIONS,
        () ->
            Torch.noGrad(
                () ->
                    List.of(
                        imported
                            .block()
                            .run(new Run(file, false), new OnnxValue[0], new OnnxValue[0]))));
  }

  /** A tensor of the same type and shape without data. */
  static OnnxValue withoutData(OnnxValue value) {
    return value instanceof OnnxValue.Numbers(Tensor t, ElementType type)
        ? new OnnxValue.Numbers(lifted(t), type)
        : value;
  }

  static boolean hasData(OnnxValue value) {
    return !(value instanceof OnnxValue.Numbers n) || n.tensor().device() != Device.META;
  }

  private static Tensor lifted(Tensor t) {
    return t.device() == Device.META
        ? t
        : Backends.allocate(Meta.contiguous(t.dtype(), Device.META, t.shape()));
  }

  /**
   * The node's results without data, where its operator can tell them from the inputs' shapes and
   * the data of some of them; empty where it cannot.
   */
  static Optional<OnnxValue[]> infer(ModelEdit model, NodeEdit node, List<OnnxValue> inputs) {
    Mode mode = Mode.current().withGrad(false).withCasting(new Lifting());
    try {
      return Optional.of(mode.call(() -> run(model, node, inputs)));
    } catch (TorchException e) {
      return Optional.empty();
    }
  }

  /** Operators on tensors with and without data give some without. */
  private static final class Lifting implements Mode.Casting {
    @Override
    public Tensor[] call(Op op, Tensor[] inputs, UnaryOperator<Tensor[]> run) {
      boolean lacking = false;
      for (Tensor t : inputs) {
        lacking |= t.device() == Device.META;
      }
      if (!lacking) {
        return run.apply(inputs);
      }
      Tensor[] all = new Tensor[inputs.length];
      for (int i = 0; i < all.length; i++) {
        all[i] = lifted(inputs[i]);
      }
      return run.apply(all);
    }

    @Override
    public Tensor lowered(Tensor tensor) {
      return tensor;
    }
  }
}
