package dev.flambeau.torch.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Generator;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.nn.functional.BagMode;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Attention, the transformer, bags and adaptive softmax where the recorded cases say nothing. */
class AttentionModulesTest {
  private static void close(Tensor a, Tensor b) {
    assertEquals(b.shape(), a.shape());
    assertTrue(a.sub(b).abs().max().item() < 1e-10, a + "\n" + b);
  }

  /** Place i does not depend on places after it. */
  @Test
  void causalAttentionLooksBack() {
    Torch.manualSeed(1);
    MultiheadAttention m = new MultiheadAttention(6, 2, o -> o.batchFirst(true));
    m.to(DType.F64);
    Tensor x = Torch.randn(DType.F64, 1, 5, 6);
    Tensor y = m.forward(x, x, x, o -> o.causal(true)).output();
    Tensor start = x.narrow(1, 0, 3);
    close(y.narrow(1, 0, 3), m.forward(start, start, start, o -> o.causal(true)).output());
    Tensor mask = Transformer.squareSubsequentMask(5);
    close(y, m.forward(x, x, x, o -> o.mask(mask)).output());
    Tensor weights = m.forward(x, x, x, o -> o.causal(true)).weights().orElseThrow();
    assertEquals(0, weights.triu(1).abs().max().item());
  }

  /** Keys and values of other sizes have weights of their own. */
  @Test
  void otherSizes() {
    MultiheadAttention m = new MultiheadAttention(6, 3, o -> o.kdim(4).vdim(5));
    assertEquals(
        List.of(
            "q_proj_weight",
            "k_proj_weight",
            "v_proj_weight",
            "in_proj_bias",
            "out_proj.weight",
            "out_proj.bias"),
        List.copyOf(m.stateDict().keySet()));
    var out =
        m.forward(
            Torch.randn(3, 2, 6),
            Torch.randn(7, 2, 4),
            Torch.randn(7, 2, 5),
            o -> o.averageWeights(false));
    assertEquals(Shape.of(3, 2, 6), out.output().shape());
    assertEquals(Shape.of(2, 3, 3, 7), out.weights().orElseThrow().shape());
    assertThrows(TorchException.class, () -> m.forward(Torch.randn(3, 2, 6)));
    assertThrows(TorchException.class, () -> new MultiheadAttention(6, 4));
  }

  /** The layers of an encoder start equal, in memory of their own, and draw no numbers. */
  @Test
  void copiesOfLayers() {
    Torch.manualSeed(2);
    TransformerEncoderLayer layer =
        new TransformerEncoderLayer(8, 2, o -> o.dimFeedforward(16).activation("gelu"));
    Tensor before = Generator.getDefault().state();
    TransformerEncoder encoder = new TransformerEncoder(layer, 3);
    assertTrue(before.eq(Generator.getDefault().state()).all().itemLong() == 1);
    Tensor first = encoder.layers.get(0).linear1.weight;
    Tensor second = encoder.layers.get(1).linear1.weight;
    close(first, second);
    assertFalse(first.storage() == second.storage());
    encoder.eval();
    Tensor x = Torch.randn(5, 2, 8);
    Tensor y = x;
    layer.eval();
    for (int i = 0; i < 3; i++) {
      y = layer.forward(y);
    }
    assertEquals(0, encoder.forward(x).sub(y).abs().max().item());
  }

  @Test
  void refusesMasksOfOtherSizes() {
    MultiheadAttention m = new MultiheadAttention(4, 2);
    Tensor x = Torch.randn(3, 2, 4);
    Tensor wrong = Torch.zeros(3, 4);
    assertThrows(TorchException.class, () -> m.forward(x, x, x, o -> o.mask(wrong)));
    assertThrows(TorchException.class, () -> m.forward(x, x, x, o -> o.keyPaddingMask(wrong)));
    assertThrows(
        TorchException.class,
        () -> m.forward(x, x, x, o -> o.mask(Torch.zeros(3, 3).to(DType.I64))));
    assertThrows(
        TorchException.class, () -> new TransformerEncoderLayer(4, 2, o -> o.activation("sine")));
  }

  /** A row looked up n times gets an n-th of its gradient. */
  @Test
  void gradientsByFrequency() {
    EmbeddingBag bag = new EmbeddingBag(4, 2, o -> o.mode(BagMode.SUM).scaleGradByFrequency(true));
    bag.forward(Torch.tensor(new long[] {1, 1, 2, 1}, 2, 2)).sum().backward();
    Tensor g = bag.weight.grad().orElseThrow();
    close(g.to(DType.F64), Torch.tensor(new double[] {0, 0, 1, 1, 1, 1, 0, 0}, 4, 2));
  }

  /** Probabilities of all classes add up to 1, and forward picks the target's. */
  @Test
  void adaptiveSoftmax() {
    Torch.manualSeed(3);
    AdaptiveLogSoftmaxWithLoss m = new AdaptiveLogSoftmaxWithLoss(8, 12, 3, 7);
    m.to(DType.F64);
    Tensor x = Torch.randn(DType.F64, 5, 8);
    Tensor all = m.logProb(x);
    close(all.exp().sum(1), Torch.ones(5).to(DType.F64));
    Tensor target = Torch.tensor(new long[] {0, 3, 6, 7, 11});
    close(m.forward(x, target).output(), all.gather(1, target.unsqueeze(1)).squeeze(1));
    assertThrows(
        TorchException.class, () -> m.forward(x, Torch.tensor(new long[] {0, 3, 6, 7, 12})));
    assertThrows(TorchException.class, () -> new AdaptiveLogSoftmaxWithLoss(8, 12, 7, 3));
  }

  @Test
  void channelsDropTogether() {
    Torch.manualSeed(4);
    Tensor y = new Dropout3d(0.5).forward(Torch.ones(20, 2, 3, 4)).flatten(1);
    assertTrue(y.eq(y.narrow(1, 0, 1)).all().itemLong() == 1);
    Tensor z = new Dropout2d(0.5).forward(Torch.ones(20, 10, 3));
    assertTrue(z.eq(z.narrow(2, 0, 1)).all().itemLong() == 1);
    assertThrows(TorchException.class, () -> new Dropout1d().forward(Torch.ones(2, 2, 2, 2)));
    Tensor x = Torch.randn(2, 3, 8, 8);
    FractionalMaxPool2d pool = new FractionalMaxPool2d(2, o -> o.outputRatio(0.5));
    assertEquals(Shape.of(2, 3, 4, 4), pool.forward(x).shape());
    assertThrows(TorchException.class, () -> new FractionalMaxPool3d(2, o -> {}));
    assertEquals(Optional.empty(), new Linear(1, 1, false).bias);
  }
}
