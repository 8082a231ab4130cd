package dev.flambeau.onnx;

import static dev.flambeau.onnx.ExportGraph.attribute;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.nn.functional.Composites;
import dev.flambeau.torch.op.Attention;
import dev.flambeau.torch.op.AvgPool;
import dev.flambeau.torch.op.BatchNorm;
import dev.flambeau.torch.op.Cast;
import dev.flambeau.torch.op.Cat;
import dev.flambeau.torch.op.Cholesky;
import dev.flambeau.torch.op.Conv;
import dev.flambeau.torch.op.ConvTranspose;
import dev.flambeau.torch.op.Copy;
import dev.flambeau.torch.op.Ctc;
import dev.flambeau.torch.op.Determinant;
import dev.flambeau.torch.op.Eigh;
import dev.flambeau.torch.op.Flip;
import dev.flambeau.torch.op.Full;
import dev.flambeau.torch.op.Gather;
import dev.flambeau.torch.op.HalfFft;
import dev.flambeau.torch.op.IndexPut;
import dev.flambeau.torch.op.IndexSelect;
import dev.flambeau.torch.op.IndexTensors;
import dev.flambeau.torch.op.IntConv;
import dev.flambeau.torch.op.IntMatMul;
import dev.flambeau.torch.op.LayerNorm;
import dev.flambeau.torch.op.LuFactor;
import dev.flambeau.torch.op.MatMul;
import dev.flambeau.torch.op.MaxPool;
import dev.flambeau.torch.op.Nonzero;
import dev.flambeau.torch.op.Op;
import dev.flambeau.torch.op.Pad;
import dev.flambeau.torch.op.PairFft;
import dev.flambeau.torch.op.PseudoInverse;
import dev.flambeau.torch.op.Qr;
import dev.flambeau.torch.op.Quantize;
import dev.flambeau.torch.op.QuantizeDynamic;
import dev.flambeau.torch.op.Recurrent;
import dev.flambeau.torch.op.RecurrentSteps;
import dev.flambeau.torch.op.Rescaled;
import dev.flambeau.torch.op.RowOrder;
import dev.flambeau.torch.op.Scan;
import dev.flambeau.torch.op.Scatter;
import dev.flambeau.torch.op.SearchSorted;
import dev.flambeau.torch.op.Softmax;
import dev.flambeau.torch.op.Solve;
import dev.flambeau.torch.op.Sort;
import dev.flambeau.torch.op.Structured;
import dev.flambeau.torch.op.Svd;
import dev.flambeau.torch.op.TopK;
import dev.flambeau.torch.op.Triangle;
import dev.flambeau.torch.op.TriangularSolve;
import dev.flambeau.torch.op.ViewBackward;
import dev.flambeau.torch.op.ViewScatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Operators that are neither expressions nor views as nodes. A result has fewer names than the
 * operator outputs where the rest has no form in ONNX; the export is refused if that is used.
 */
final class ExportStructured {
  /** How a call of an operator is written: the names of its results. */
  private interface Writer<T> {
    List<String> write(ExportCall call, T op);
  }

  private interface Single<T> {
    String write(ExportCall call, T op);
  }

  /**
   * An operator's entry.
   *
   * @param adapts whether it looks at the attributes in all captures, which may follow open sizes
   */
  private record Entry(Writer<Structured> writer, boolean adapts) {}

  private static final Map<Class<?>, Entry> ALL = new HashMap<>();

  static {
    several(LayerNorm.class, ExportNorms::layer);
    several(BatchNorm.class, ExportNorms::batch);
    several(Sort.class, ExportOrdering::sort);
    several(Scan.class, ExportScans::export);
    several(LuFactor.class, ExportElimination::factors);
    several(Solve.class, (c, _) -> ExportElimination.solve(c));
    several(Solve.Inverse.class, (c, _) -> ExportElimination.inverse(c));
    several(Cholesky.class, (c, _) -> ExportElimination.cholesky(c));
    several(Svd.class, ExportSpectral::svd);
    several(Eigh.class, (c, _) -> ExportSpectral.eigh(c));
    several(Qr.class, ExportReflections::qr);
    several(Qr.Raw.class, (c, _) -> ExportReflections.raw(c));
    several(Determinant.Logarithm.class, (c, _) -> logarithm(c));
    adapting(MaxPool.class, ExportPooling::largest);
    adapting(TopK.class, ExportOrdering::topK);
    adapting(Recurrent.class, ExportRecurrent::export);
    several(IntMatMul.class, (c, _) -> ExportQuantized.export(c));
    several(IntConv.class, (c, _) -> ExportQuantized.export(c));
    several(Rescaled.class, (c, _) -> ExportQuantized.export(c));
    several(Quantize.class, (c, _) -> ExportQuantized.export(c));
    several(QuantizeDynamic.class, (c, _) -> ExportQuantized.export(c));
    one(MaxPool.OfBytes.class, (c, op) -> ExportPooling.values(c, op.pool()));
    one(Copy.class, (c, _) -> c.names().getFirst());
    one(Cast.class, (c, op) -> c.in(0).to(op.dtype()).name());
    one(MatMul.class, (c, _) -> product(c));
    one(Conv.class, ExportConvolutions::plain);
    one(BatchNorm.Eval.class, ExportNorms::batch);
    one(Softmax.class, ExportStructured::softmax);
    one(Cat.class, ExportStructured::cat);
    one(IndexSelect.class, ExportIndexing::select);
    one(IndexTensors.class, ExportIndexing::index);
    one(IndexPut.class, ExportIndexing::put);
    one(Gather.class, ExportIndexing::gather);
    one(Scatter.class, ExportIndexing::scatter);
    one(Nonzero.Count.class, (c, _) -> ExportIndexing.count(c));
    one(SearchSorted.class, ExportOrdering::search);
    one(RowOrder.class, (c, _) -> ExportOrdering.rows(c));
    one(Flip.class, ExportStructured::flip);
    one(PairFft.class, ExportFourier::pairs);
    one(PseudoInverse.class, ExportSpectral::inverse);
    one(Ctc.class, ExportCtc::loss);
    one(TriangularSolve.class, ExportElimination::triangular);
    one(LuFactor.Permutation.class, ExportElimination::permutation);
    one(Determinant.class, (c, _) -> c.in(0).node("Det").name());
    one(Attention.class, ExportStructured::attention);
    adapting(Composites.AdaptiveMax.class, ExportComposites::largest);
    adaptingOne(Composites.AdaptiveMean.class, ExportComposites::mean);
    adaptingOne(Composites.Resize.class, ExportComposites::resize);
    adaptingOne(Composites.Pad.class, ExportComposites::pad);
    one(Composites.GridSample.class, ExportComposites::gridSample);
    one(Composites.GroupNorm.class, ExportComposites::groups);
    adaptingOne(ConvTranspose.class, ExportConvolutions::transposed);
    adaptingOne(AvgPool.class, ExportPooling::mean);
    adaptingOne(IndexSelect.IndexAdd.class, ExportIndexing::add);
    adaptingOne(MaxPool.Backward.class, ExportIndexing::unpooled);
    adaptingOne(Nonzero.class, (c, _) -> ExportIndexing.nonzero(c));
    adaptingOne(ViewScatter.class, (c, _) -> ExportStrided.scatter(c));
    adaptingOne(ViewBackward.class, (c, _) -> ExportStrided.backward(c));
    adaptingOne(Pad.class, ExportStructured::pad);
    adaptingOne(Full.class, ExportStructured::full);
    adaptingOne(Triangle.class, ExportStructured::triangle);
    adaptingOne(HalfFft.class, ExportFourier::half);
  }

  private ExportStructured() {}

  private static <T extends Structured> void put(Class<T> type, Writer<T> writer, boolean adapts) {
    ALL.put(type, new Entry((c, op) -> writer.write(c, type.cast(op)), adapts));
  }

  private static <T extends Structured> void several(Class<T> type, Writer<T> writer) {
    put(type, writer, false);
  }

  private static <T extends Structured> void adapting(Class<T> type, Writer<T> writer) {
    put(type, writer, true);
  }

  private static <T extends Structured> void one(Class<T> type, Single<T> writer) {
    put(type, (c, op) -> List.of(writer.write(c, op)), false);
  }

  private static <T extends Structured> void adaptingOne(Class<T> type, Single<T> writer) {
    put(type, (c, op) -> List.of(writer.write(c, op)), true);
  }

  /** Whether the export of an operator looks at its attributes in all captures. */
  static boolean adapts(Structured op) {
    Entry entry = ALL.get(op.getClass());
    return entry != null && entry.adapts;
  }

  /**
   * The parts an operator is captured as, computed of its inputs; empty if it is exported as it is,
   * or not at all.
   */
  static Optional<Tensor[]> parts(Op op, Tensor[] in, int opset) {
    return switch (op) {
      case Attention a when opset >= 23 && in[0].dim() == 4 -> Optional.empty();
      case Attention a -> a.decompose(in);
      case Recurrent r when new HashSet<>(r.batchSizes()).size() != 1 ->
          Optional.of(RecurrentSteps.of(r, in, Optional.empty()));
      case Structured s when !ALL.containsKey(s.getClass()) -> s.decompose(in);
      default -> Optional.empty();
    };
  }

  static List<String> export(ExportCall c, Structured op) {
    Entry entry = ALL.get(op.getClass());
    if (entry == null) {
      throw new ExportGraph.Hole("no form in operator set " + c.graph().opset);
    }
    return entry.writer.write(c, op);
  }

  private static List<String> logarithm(ExportCall c) {
    ExportValue d = c.in(0).node("Det");
    return List.of(d.node("Sign").name(), d.abs().log().name());
  }

  private static String product(ExportCall c) {
    DType type = c.meta(0).dtype();
    // ONNX Runtime has no Gemm of BFLOAT16.
    boolean flat =
        c.meta(0).rank() == 2 && c.meta(1).rank() == 2 && type.isFloat() && type != DType.BF16;
    Optional<String> weight = flat ? c.graph().transposed(c.names().get(1)) : Optional.empty();
    if (weight.isPresent()) {
      // As PyTorch writes a layer: its weight as it is.
      List<String> in = new ArrayList<>(c.names());
      in.set(1, weight.get());
      return c.graph().node("Gemm", in, attribute("transB", 1L));
    }
    ExportValue out = c.in(0).matmul(c.in(1));
    return c.count() > 2 ? out.add(c.in(2)).name() : out.name();
  }

  private static String softmax(ExportCall c, Softmax s) {
    String type = s.log() ? "LogSoftmax" : "Softmax";
    int axis = c.rank() == 0 ? 0 : s.axis();
    return c.restored(c.vector(0).node(type, attribute("axis", (long) axis)), 0);
  }

  private static String cat(ExportCall c, Cat t) {
    List<String> all = new ArrayList<>();
    for (int i = 0; i < c.count(); i++) {
      all.add(c.in(i).to(c.result(0).dtype()).name());
    }
    return c.graph().node("Concat", all, attribute("axis", (long) t.axis()));
  }

  private static String pad(ExportCall c, Pad p) {
    if (c.rank() == 0) {
      return c.names().getFirst();
    }
    List<long[]> pads = c.lists(Pad.class, Pad::before);
    pads.addAll(c.lists(Pad.class, Pad::after));
    ExportGraph graph = c.graph();
    String value = graph.number(p.value(), c.meta(0).dtype());
    return graph.node("Pad", List.of(c.names().getFirst(), graph.shape(pads, false), value));
  }

  private static String flip(ExportCall c, Flip f) {
    if (f.axes().isEmpty() || c.rank() == 0) {
      return c.names().getFirst();
    }
    int n = f.axes().size();
    long[] last = new long[n];
    long[] first = new long[n];
    Arrays.fill(last, -1);
    Arrays.fill(first, Long.MIN_VALUE);
    long[] axes = f.axes().stream().mapToLong(Integer::longValue).toArray();
    ExportGraph graph = c.graph();
    return graph.node(
        "Slice",
        List.of(
            c.names().getFirst(),
            graph.longs(last),
            graph.longs(first),
            graph.longs(axes),
            graph.longs(last)));
  }

  private static String full(ExportCall c, Full f) {
    DType type = f.meta().dtype();
    ExportGraph graph = c.graph();
    String value = ExportConstants.full(c).orElseGet(() -> fixed(graph, f, type));
    List<long[]> shape = c.resultShape(0);
    return shape.isEmpty()
        ? value
        : graph.node("Expand", List.of(value, graph.shape(shape, false)));
  }

  private static String fixed(ExportGraph graph, Full f, DType type) {
    return type.isFloat() ? graph.number(f.value(), type) : graph.cast(graph.whole(f.bits()), type);
  }

  /** Trilu, or a comparison of rows and columns in operator set 13. */
  private static String triangle(ExportCall c, Triangle t) {
    ExportGraph graph = c.graph();
    long[] diagonal = c.each(Triangle.class, Triangle::diagonal);
    ExportValue k = new ExportValue(graph, graph.shapes.scalar(diagonal));
    if (graph.opset >= 14) {
      return c.in(0).node("Trilu", k, attribute("upper", t.upper() ? 1L : 0L)).name();
    }
    ExportValue rows = c.range(c.shape(0).get(c.rank() - 2)).unsqueeze(1);
    ExportValue from = c.range(c.shape(0).get(c.rank() - 1)).sub(rows);
    ExportValue kept = t.upper() ? k.le(from) : from.le(k);
    return kept.where(c.in(0), c.in(0).number(0)).name();
  }

  /** For (batch, heads, length, features), from operator set 23 on. */
  private static String attention(ExportCall c, Attention a) {
    return c.graph()
        .node(
            "Attention",
            c.names(),
            attribute("is_causal", a.causal() ? 1L : 0L),
            attribute("scale", a.scale()));
  }
}
