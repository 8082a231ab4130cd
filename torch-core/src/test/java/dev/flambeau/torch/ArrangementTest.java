package dev.flambeau.torch;

import static dev.flambeau.torch.Fft.Norm.FORWARD;
import static dev.flambeau.torch.Fft.Norm.ORTHO;
import static dev.flambeau.torch.GradcheckTest.sample;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.flambeau.torch.autograd.Gradcheck;
import dev.flambeau.torch.op.Scatter.Reduce;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Operators that move elements: first and second derivatives, and the same result whatever the
 * strides of the input.
 */
class ArrangementTest {
  private static final Tensor INDEX = Torch.tensor(new long[] {2, 0, 1, 1, 2, 2, 0, 1}, 2, 4);
  private static final Tensor LINE = Torch.tensor(new long[] {2, 0, 2});
  private static final Tensor PLACES = Torch.tensor(new double[] {-1, 0.5, 0.7, 2});
  private static final Map<String, UnaryOperator<Tensor>> CASES = new TreeMap<>();

  static {
    CASES.put("flip", x -> x.flip(0, -1));
    CASES.put("roll", x -> x.roll(new long[] {1, -2}, 0, 1));
    CASES.put("roll flat", x -> x.roll(5));
    CASES.put("rot90", x -> x.rot90(1, 0, 1).rot90(-1, 1, 0));
    CASES.put("repeat", x -> x.repeat(2, 1, 3));
    CASES.put("repeat_interleave", x -> x.repeatInterleave(Torch.tensor(new long[] {2, 0, 1}), 0));
    CASES.put("tile", x -> x.tile(2));
    CASES.put("diagonal", x -> x.diagonal(1, 0, 1));
    CASES.put("diagonal below", x -> x.diagonal(-1, 1, 0));
    CASES.put("diag_embed", x -> x.diagEmbed(-1, 0, 2));
    CASES.put("diagflat", x -> x.diagflat(1));
    CASES.put("tril", x -> x.tril(1));
    CASES.put("triu", x -> x.triu(-1));
    CASES.put("unfold", x -> x.unfold(1, 3, 1));
    CASES.put("unfold apart", x -> x.unfold(1, 1, 2));
    CASES.put("movedim", x -> x.movedim(0, 1));
    CASES.put("unflatten", x -> x.unflatten(1, 2, -1));
    CASES.put("split", x -> Torch.cat(x.split(3, 1).reversed(), 1));
    CASES.put("tensor_split", x -> Torch.hstack(x.tensorSplit(3, 1).reversed()));
    CASES.put("unbind", x -> Torch.stack(x.unbind(1), 0));
    CASES.put("meshgrid", x -> Torch.meshgrid(List.of(x.get(0), x.get(1)), true).get(1));
    CASES.put("cartesian_prod", x -> Torch.cartesianProd(List.of(x.get(0), x.get(1))));
    CASES.put("block_diag", x -> Torch.blockDiag(List.of(x, x.t())));
    CASES.put("combinations", x -> x.get(0).combinations(2, false));
    CASES.put("get", x -> x.get(Index.of(0, 2, 0), Index.slice(1, 3)));
    CASES.put("get apart", x -> x.unsqueeze(1).get(Index.of(2, 1), Index.all(), Index.of(0, 3)));
    CASES.put("index_put", x -> x.indexPut(x.get(0).square(), false, Index.of(2)));
    CASES.put("index_put add", x -> x.indexPut(x.get(0), true, Index.of(2, 2)));
    CASES.put("take", x -> x.take(Torch.tensor(new long[] {0, -1, 5, 5}, 2, 2)));
    CASES.put("masked_select", x -> x.maskedSelect(x.gt(0)));
    CASES.put("masked_scatter", x -> x.maskedScatter(x.gt(0), x.square()));
    CASES.put("masked_fill", x -> x.maskedFill(x.gt(0), 3));
    CASES.put("scatter", x -> x.scatter(0, INDEX.narrow(0, 0, 1), x.square()));
    CASES.put("scatter mean", x -> reduced(x, Reduce.MEAN, true));
    CASES.put("scatter mean, others", x -> reduced(x, Reduce.MEAN, false));
    CASES.put("scatter prod", x -> reduced(x, Reduce.PROD, true));
    CASES.put("scatter amax", x -> reduced(x, Reduce.AMAX, false));
    CASES.put("index_add", x -> x.indexAdd(0, LINE, x.square(), 2));
    CASES.put("index_fill", x -> x.indexFill(1, LINE, 4));
    CASES.put("put", x -> x.put(LINE, x.get(0).narrow(0, 0, 3), true));
    CASES.put("irfftn", x -> Fft.irfftn(x, Optional.of(new long[] {3, 6}), new int[0], ORTHO));
    CASES.put("hfft", x -> Fft.hfft(x, OptionalLong.of(5), 1, FORWARD));
    CASES.put("stft", x -> Fft.stft(x, 4, o -> o.hop(1)));
    CASES.put("istft", x -> Fft.istft(Fft.stft(x, 4, o -> o.hop(2)).square(), 4, o -> o.hop(2)));
    CASES.put("sort", x -> x.sort(1, true).values());
    CASES.put("topk", x -> x.topk(2, 0, false).values());
    CASES.put("diff", x -> x.diff(2, 1));
    CASES.put("trapezoid", x -> x.trapezoid(x.square(), 1));
    CASES.put("gradient", x -> x.gradient(List.of(PLACES), 2, 1).get(0));
    CASES.put("slice_scatter", x -> x.sliceScatter(x.narrow(1, 0, 2).square(), 1, 1, 4, 2));
    CASES.put("select_scatter", x -> x.selectScatter(x.get(1).square(), 0, -1));
    CASES.put("diagonal_scatter", x -> x.diagonalScatter(x.select(1, 0).square(), 1, 0, 1));
  }

  private static Tensor reduced(Tensor x, Reduce reduce, boolean includeSelf) {
    return x.scatterReduce(0, INDEX, x.square().narrow(0, 0, 2).add(0.3), reduce, includeSelf);
  }

  @TestFactory
  Stream<DynamicTest> derivatives() {
    return CASES.entrySet().stream()
        .map(
            e ->
                dynamicTest(
                    e.getKey(),
                    () ->
                        Gradcheck.checkTwice(
                            in -> e.getValue().apply(in.get(0)).square(),
                            List.of(sample(-1.9, 1.9, 7, 3, 4)))));
  }

  @TestFactory
  Stream<DynamicTest> stridesDoNotMatter() {
    Tensor x = sample(-1.9, 1.9, 7, 3, 4).detach();
    Tensor transposed = x.t().contiguous().t();
    Tensor room = Torch.zeros(DType.F64, 6, 8);
    Tensor sliced = room.slice(0, 1, 6, 2).slice(1, 0, 8, 2);
    sliced.copy_(x);
    Tensor expanded = x.get(0).expand(3, 4);
    return CASES.entrySet().stream()
        .map(
            e ->
                dynamicTest(
                    e.getKey(),
                    () -> {
                      double[] expected = e.getValue().apply(x).toDoubleArray();
                      same(expected, e.getValue().apply(transposed));
                      same(expected, e.getValue().apply(sliced));
                      same(
                          e.getValue().apply(expanded.contiguous()).toDoubleArray(),
                          e.getValue().apply(expanded));
                    }));
  }

  private static void same(double[] expected, Tensor got) {
    assertArrayEquals(expected, got.toDoubleArray(), 1e-12);
  }

  /** Strided views of contiguous, permuted and gapped inputs: each has its own geometry. */
  @TestFactory
  Stream<DynamicTest> stridedViews() {
    Map<String, UnaryOperator<Tensor>> inputs =
        Map.of(
            "contiguous", x -> x.mul(1),
            "transposed", x -> x.mul(1).t(),
            "sliced", x -> x.mul(1).slice(1, 1, 4, 2),
            "expanded", x -> x.mul(1).narrow(0, 1, 1).expand(3, 4));
    long[] sizes = {2, 3};
    return inputs.entrySet().stream()
        .map(
            e ->
                dynamicTest(
                    e.getKey(),
                    () -> {
                      UnaryOperator<Tensor> view =
                          x -> {
                            Tensor t = e.getValue().apply(x);
                            long start = t.layout().offset();
                            return t.asStrided(sizes, t.layout().strides(), start)
                                .mul(Torch.arange(6).reshape(sizes));
                          };
                      Gradcheck.checkTwice(
                          in -> view.apply(in.get(0)).square(),
                          List.of(sample(-1.9, 1.9, 3, 3, 4)));
                    }));
  }
}
