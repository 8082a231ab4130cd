package dev.flambeau.onnx;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Index;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.nn.BatchNorm2d;
import dev.flambeau.torch.nn.Conv2d;
import dev.flambeau.torch.nn.ConvTranspose2d;
import dev.flambeau.torch.nn.Embedding;
import dev.flambeau.torch.nn.GRU;
import dev.flambeau.torch.nn.GroupNorm;
import dev.flambeau.torch.nn.LSTM;
import dev.flambeau.torch.nn.Linear;
import dev.flambeau.torch.nn.Module;
import dev.flambeau.torch.nn.RNNBase;
import dev.flambeau.torch.nn.TransformerEncoderLayer;
import dev.flambeau.torch.nn.functional.F;
import dev.flambeau.torch.nn.functional.Interpolation;
import dev.flambeau.torch.nn.functional.Padding;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** Functions whose results have sizes that follow from open ones. */
final class ExportDynamicCases {
  /** A function, its inputs by sizes, the example's sizes and others, and which axes are open. */
  record Case(
      String name,
      Module module,
      UnaryOperator<List<Tensor>> f,
      Function<long[], List<Tensor>> inputs,
      long[][] sizes,
      Consumer<ExportOptions> open) {
    @Override
    public String toString() {
      return name;
    }
  }

  private ExportDynamicCases() {}

  private static final class Nothing extends Module {}

  /** Images of any batch, height and width. */
  private static Case images(String name, Module module, UnaryOperator<Tensor> f) {
    return new Case(
        name,
        module,
        in -> List.of(f.apply(in.getFirst())),
        s -> List.of(TestData.waves(s[0], 3, s[1], s[2])),
        new long[][] {{1, 32, 32}, {3, 48, 40}, {2, 37, 51}, {1, 33, 35}},
        o -> o.dynamicAxis(0, "batch").dynamicAxis(2, "height").dynamicAxis(3, "width"));
  }

  private static Case images(String name, UnaryOperator<Tensor> f) {
    return images(name, new Nothing(), f);
  }

  /** Sentences of any number and length; numbers of words. */
  private static Case words(String name, Module module, UnaryOperator<Tensor> f) {
    return new Case(
        name,
        module,
        in -> List.of(f.apply(in.getFirst())),
        s -> List.of(Torch.arange(s[0] * s[1]).mul(7).remainder(20).reshape(s)),
        new long[][] {{1, 6}, {3, 9}, {2, 1}, {4, 13}},
        o -> o.dynamicAxis(0, "batch").dynamicAxis(1, "length"));
  }

  /** Rows of any number and length, and of 4 numbers each. */
  private static Case rows(String name, UnaryOperator<Tensor> f) {
    return new Case(
        name,
        new Nothing(),
        in -> List.of(f.apply(in.getFirst())),
        s -> List.of(TestData.waves(s[0], s[1], 4)),
        new long[][] {{2, 6}, {5, 9}, {1, 4}, {3, 17}},
        o -> o.dynamicAxis(0, "batch").dynamicAxis(1, "length"));
  }

  static final class Backbone extends Module {
    final Conv2d conv1 = new Conv2d(3, 8, 3, o -> o.stride(2).padding(1));
    final BatchNorm2d bn = new BatchNorm2d(8);
    final Conv2d conv2 = new Conv2d(8, 12, 3, o -> o.stride(2));
    final Linear fc = new Linear(12, 5);

    Tensor features(Tensor x) {
      return conv2.call(F.maxPool2d(bn.call(conv1.call(x)).relu(), 2)).relu();
    }

    @Override
    public Tensor forward(Tensor x) {
      return fc.call(F.adaptiveAvgPool(features(x), 1, 1).flatten(1));
    }
  }

  /** A class at the places of a smaller map, added to a larger one, as feature pyramids do. */
  static final class Pyramid extends Module {
    final Conv2d fine = new Conv2d(3, 6, 3, o -> o.stride(2).padding(1));
    final Conv2d coarse = new Conv2d(6, 6, 3, o -> o.stride(2).padding(1));

    @Override
    public Tensor forward(Tensor x) {
      Tensor a = fine.call(x);
      Tensor b = coarse.call(a.relu());
      long[] size = {a.size(2), a.size(3)};
      return a.add(F.interpolate(b, size, Interpolation.NEAREST));
    }
  }

  /** Up by a transposed convolution, filled up to the size of what it is joined with. */
  static final class Joined extends Module {
    final Conv2d down = new Conv2d(3, 4, 3, o -> o.stride(2).padding(1));
    final ConvTranspose2d up = new ConvTranspose2d(4, 3, 2, o -> o.stride(2));

    @Override
    public Tensor forward(Tensor x) {
      Tensor y = up.call(down.call(x).relu());
      Tensor cut = y.narrow(2, 0, x.size(2) - x.size(2) % 2).narrow(3, 0, 2);
      return Torch.cat(List.of(x.narrow(2, 0, cut.size(2)).narrow(3, 0, 2), cut), 1);
    }
  }

  static final class Positions extends Module {
    final Embedding words = new Embedding(20, 16);
    final Tensor positions = parameter(Torch.randn(1, 32, 16));
    final TransformerEncoderLayer layer =
        new TransformerEncoderLayer(16, 4, o -> o.batchFirst(true).dimFeedforward(32));

    @Override
    public Tensor forward(Tensor input) {
      return layer.call(words.call(input).add(positions.narrow(1, 0, input.size(1))));
    }
  }

  static final class Recurrents extends Module {
    final LSTM lstm = new LSTM(4, 6, o -> o.batchFirst(true).bidirectional(true).numLayers(2));
    final GRU gru = new GRU(12, 5, o -> o.batchFirst(true));

    @Override
    public Tensor forward(Tensor input) {
      return gru.call(lstm.call(input));
    }
  }

  static Stream<Case> all() {
    Torch.manualSeed(11);
    List<Case> all = new ArrayList<>();
    pooledAndResized(all);
    moved(all);
    sequences(all);
    rowCases(all);
    return all.stream();
  }

  private static void pooledAndResized(List<Case> all) {
    Backbone backbone = new Backbone();
    all.add(images("pooled to 1", backbone, backbone::forward));
    all.add(
        images("pooled to 3 x 2", backbone, x -> F.adaptiveAvgPool(backbone.features(x), 3, 2)));
    all.add(images("largest of 2 x 2", x -> F.adaptiveMaxPool(x, 2, 2).values()));
    all.add(images("7 x 7", x -> F.adaptiveAvgPool(x, 7, 7)));
    for (Interpolation mode :
        List.of(Interpolation.NEAREST, Interpolation.LINEAR, Interpolation.CUBIC)) {
      all.add(
          images(
              "twice " + mode,
              x -> F.interpolate(x, new long[0], new double[] {2}, mode, false, false)));
    }
    all.add(
        images(
            "aligned",
            x ->
                F.interpolate(
                    x, new long[0], new double[] {1.5}, Interpolation.LINEAR, true, false)));
    Pyramid pyramid = new Pyramid();
    all.add(images("pyramid", pyramid, pyramid::forward));
  }

  private static void moved(List<Case> all) {
    all.add(images("pixel shuffle", x -> F.pixelShuffle(Torch.cat(List.of(x, x, x, x), 1), 2)));
    all.add(images("reflected", x -> F.pad(x, Padding.REFLECT, 0, 2, 1, 3, 0)));
    all.add(images("ceil", x -> F.maxPool2d(x, 3, o -> o.stride(2).ceilMode(true))));
    all.add(images("tokens", x -> x.flatten(2).transpose(1, 2).softmax(1)));
    all.add(
        images(
            "tokens and one",
            x -> {
              Tensor tokens = F.avgPool2d(x, 4).flatten(2).transpose(1, 2);
              Tensor first = tokens.mean(new int[] {1}, true);
              Tensor joined = Torch.cat(List.of(first, tokens), 1);
              return joined.reshape(x.size(0), joined.size(1), 3, 1).transpose(1, 2);
            }));
    GroupNorm norm = new GroupNorm(3, 3);
    all.add(images("group norm", norm, x -> norm.call(x)));
    all.add(
        images(
            "windows",
            x -> F.unfold(x, new long[] {3, 2}, new long[] {1}, new long[] {1}, new long[] {2})));
    all.add(images("half", x -> x.narrow(2, 0, x.size(2) / 2).mean(new int[] {3}, true)));
    all.add(images("mean by size", x -> x.sum(2, 3).div(x.size(2) * x.size(3))));
    all.add(images("rolled", x -> x.flip(2).sub(x.mul(0.5))));
    all.add(
        images(
            "padded to a multiple",
            x -> {
              long right = 2 * x.size(3) - x.size(3);
              return F.pad(x, 0, right, 0, 1);
            }));
  }

  private static void sequences(List<Case> all) {
    ExportNets.Encoder encoder = new ExportNets.Encoder();
    all.add(
        words(
            "learned positions",
            encoder,
            x ->
                encoder
                    .words
                    .call(x)
                    .add(encoder.positions.call(Torch.arange(x.size(1)).remainder(10)))));
    ExportNets.Decoder decoder = new ExportNets.Decoder();
    all.add(words("decoder with a mask", decoder, decoder::forward));
    Positions positions = new Positions();
    all.add(words("a slice of positions", positions, positions::forward));
    Recurrents recurrents = new Recurrents();
    all.add(
        new Case(
            "recurrent",
            recurrents,
            in -> List.of(recurrents.forward(in.getFirst())),
            s -> List.of(TestData.waves(s[0], s[1], 4)),
            new long[][] {{2, 6}, {5, 9}, {1, 4}, {3, 17}},
            o -> o.dynamicAxis(0, "batch").dynamicAxis(1, "length")));
    all.add(states());
    all.add(attention(false));
    all.add(attention(true));
  }

  /** With an initial state of the open batch. */
  private static Case states() {
    LSTM lstm = new LSTM(4, 6, o -> {});
    return new Case(
        "initial states",
        lstm,
        in -> {
          RNNBase.State state = new RNNBase.State(in.get(1), in.get(2));
          RNNBase.Output out = lstm.forward(in.get(0), Optional.of(state));
          return List.of(out.output(), out.state().hidden(), out.state().cell().orElseThrow());
        },
        s ->
            List.of(
                TestData.waves(s[1], s[0], 4),
                TestData.waves(1, s[0], 6),
                TestData.waves(1, s[0], 6).neg()),
        new long[][] {{2, 5}, {3, 8}, {1, 2}},
        o ->
            o.dynamicAxis(0, 0, "length")
                .dynamicAxis(0, 1, "batch")
                .dynamicAxis(1, 1, "batch")
                .dynamicAxis(2, 1, "batch"));
  }

  private static Case attention(boolean causal) {
    return new Case(
        causal ? "causal attention" : "attention",
        new Nothing(),
        in ->
            List.of(
                F.scaledDotProductAttention(
                        in.get(0), in.get(1), in.get(1), Optional.empty(), 0, causal)
                    .output()),
        s -> List.of(TestData.waves(s[0], 2, s[1], 8), TestData.waves(s[0], 2, s[2], 8)),
        new long[][] {{1, 4, 4}, {2, 5, 7}, {3, 9, 2}},
        o ->
            o.dynamicAxis(0, 0, "batch")
                .dynamicAxis(1, 0, "batch")
                .dynamicAxis(0, 2, "queries")
                .dynamicAxis(1, 2, "keys"));
  }

  private static void rowCases(List<Case> all) {
    all.add(rows("variance", x -> x.var(1)));
    all.add(rows("products so far", x -> x.cumprod(1)));
    all.add(rows("largest so far", x -> x.cummax(1).values()));
    all.add(rows("sorted", x -> x.argsort(1, true).to(DType.F32)));
    all.add(rows("diagonal", x -> x.matmul(x.transpose(1, 2)).diagonal(0, 1, 2)));
    all.add(rows("lower triangle", x -> x.matmul(x.transpose(1, 2)).tril(-1)));
    all.add(rows("identity", x -> Torch.eye(x.size(1)).matmul(x)));
    all.add(rows("einsum", x -> Torch.einsum("bij,bkj->bik", x, x)));
    all.add(rows("twice", x -> x.repeat(1, 2, 1)));
    all.add(rows("each twice", x -> x.repeatInterleave(2, 1)));
    all.add(rows("rolled", x -> x.roll(new long[] {2}, 1)));
    all.add(rows("windows", x -> x.unfold(1, 3, 2)));
    all.add(rows("last", x -> x.select(1, -1)));
    all.add(rows("odd ones", x -> x.slice(1, 0, x.size(1) - 1, 1).mul(2)));
    all.add(rows("outer", x -> x.unsqueeze(1).sub(x.unsqueeze(2)).square().sum(-1)));
    all.add(rows("times their number", x -> x.mul(x.size(1)).add(1.0 / x.size(0))));
    all.add(rows("those above 0", x -> x.maskedSelect(x.gt(0.2))));
    all.add(rows("where above 0", x -> x.gt(0.2).nonzero().to(DType.F32)));
    all.add(rows("rows above 0", x -> x.get(Index.of(x.select(2, 0).gt(0)))));
    all.add(
        rows(
            "written",
            x -> {
              Tensor y = Torch.zeros(x.size(0), x.size(1), 6);
              y.narrow(2, 1, 4).copy_(x);
              y.select(1, 0).fill_(7);
              return y.mul(2);
            }));
  }
}
