package dev.flambeau.torch.op;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.autograd.Gradcheck;
import dev.flambeau.torch.dispatch.Dispatcher;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Convolution, pooling, normalization and padding: derivatives, layouts and conditions. */
class NeuralOperatorsTest {
  private static Tensor random(int seed, long... sizes) {
    Torch.manualSeed(seed);
    return Torch.randn(DType.F64, sizes).requiresGrad(true);
  }

  private static Function<List<Tensor>, Tensor> call(Op op) {
    return in -> Dispatcher.call(op, in.toArray(Tensor[]::new));
  }

  private static Window window(long stride, long padding, long dilation, int axes) {
    return Window.of(axes, new long[] {stride}, new long[] {padding}, new long[] {dilation});
  }

  @Test
  void convolutionDerivatives() {
    Gradcheck.checkTwice(
        call(new Conv(window(2, 1, 1, 2), 2)),
        List.of(random(1, 2, 4, 5, 4), random(2, 6, 2, 3, 2), random(3, 6)));
    Gradcheck.checkTwice(
        call(new Conv(window(1, 2, 2, 1), 3)), List.of(random(1, 1, 3, 6), random(2, 3, 1, 3)));
    Gradcheck.checkTwice(
        call(new Conv(window(1, 0, 1, 3), 1)),
        List.of(random(1, 1, 2, 3, 2, 3), random(2, 2, 2, 2, 1, 2)));
    Window uneven = new Window(List.of(2L, 1L), List.of(0L, 2L), List.of(1L, 0L), List.of(1L, 1L));
    Gradcheck.checkTwice(
        call(new Conv(uneven, 1)), List.of(random(1, 1, 2, 4, 3), random(2, 3, 2, 2, 3)));
  }

  @Test
  void transposedConvolutionDerivatives() {
    Tensor x = random(1, 1, 4, 3, 2);
    Tensor w = random(2, 4, 2, 3, 3);
    ConvTranspose op =
        ConvTranspose.of(window(2, 1, 1, 2), 2, new long[] {1}, x.shape(), w.shape());
    assertEquals(Shape.of(1, 4, 6, 4), op.output());
    Gradcheck.checkTwice(call(op), List.of(x, w));
  }

  @Test
  void poolingDerivatives() {
    Gradcheck.checkTwice(
        call(new MaxPool(List.of(3L, 2L), window(2, 1, 1, 2), true)),
        List.of(random(1, 2, 3, 5, 4)));
    for (boolean count : new boolean[] {true, false}) {
      Gradcheck.checkTwice(
          call(new AvgPool(List.of(3L, 2L), window(2, 1, 1, 2), true, count, 0)),
          List.of(random(1, 1, 3, 6, 5)));
    }
    Gradcheck.checkTwice(in -> AvgPool.adaptive(in.get(0), 3, 2), List.of(random(1, 1, 2, 5, 4)));
    Gradcheck.checkTwice(in -> AvgPool.adaptive(in.get(0), 1, 1), List.of(random(1, 2, 2, 3, 4)));
  }

  @Test
  void normalizationDerivatives() {
    List<Tensor> batch = List.of(random(1, 3, 2, 2, 2), random(2, 2), random(3, 2));
    Gradcheck.checkTwice(call(new BatchNorm(1e-3)), batch);
    Gradcheck.checkTwice(call(new BatchNorm(1e-3, true)), batch);
    for (int output = 1; output <= 2; output++) {
      int k = output;
      Gradcheck.checkTwice(
          in -> Dispatcher.callAll(new BatchNorm(1e-3), in.toArray(Tensor[]::new))[k], batch);
      Gradcheck.checkTwice(
          in -> Dispatcher.callAll(new LayerNorm(1, 1e-3), in.get(0))[k], List.of(random(4, 3, 4)));
    }
    Gradcheck.checkTwice(
        call(new BatchNorm.Eval(1e-3)),
        List.of(
            random(1, 2, 3, 4),
            random(2, 3),
            random(3, 3).detach().square().add(0.5).requiresGrad(true),
            random(4, 3),
            random(5, 3)));
    Gradcheck.checkTwice(
        call(new LayerNorm(2, 1e-3)),
        List.of(random(1, 2, 3, 4), random(2, 3, 4), random(3, 3, 4)));
    Gradcheck.checkTwice(
        in -> LayerNorm.group(in.get(0), 2, in.get(1), in.get(2), 1e-3),
        List.of(random(1, 2, 4, 3), random(2, 4), random(3, 4)));
  }

  @Test
  void padding() {
    Pad pad = new Pad(List.of(1L, -1L), List.of(0L, 2L), 7);
    Gradcheck.checkTwice(call(pad), List.of(random(1, 2, 3)));
    Tensor x = Torch.tensor(new long[] {1, 2, 3, 4, 5, 6}, 2, 3);
    Tensor expected = Torch.tensor(new long[] {7, 7, 7, 7, 2, 3, 7, 7, 5, 6, 7, 7}, 3, 4);
    assertTrue(Dispatcher.call(pad, x).eq(expected).all().item() != 0);
  }

  @Test
  void imagesComeOutChannelsLast() {
    Tensor x = random(1, 2, 3, 8, 8);
    Tensor y = Dispatcher.call(new Conv(window(1, 1, 1, 2), 1), x, random(2, 5, 3, 3, 3));
    assertTrue(y.layout().isChannelsLast());
    Tensor pooled = Dispatcher.call(new MaxPool(List.of(2L, 2L), window(2, 0, 1, 2), false), y);
    assertTrue(pooled.layout().isChannelsLast());
  }

  @Test
  void conditions() {
    Conv conv = new Conv(window(1, 0, 1, 2), 1);
    Tensor w = random(2, 5, 3, 3, 3);
    assertThrows(
        TorchException.ShapeError.class, () -> Dispatcher.call(conv, random(1, 1, 4, 5, 5), w));
    assertThrows(
        TorchException.ShapeError.class, () -> Dispatcher.call(conv, random(1, 1, 3, 2, 5), w));
    assertThrows(
        TorchException.ShapeError.class, () -> Dispatcher.call(conv, random(1, 3, 5, 5), w));
    assertThrows(
        TorchException.TypeError.class,
        () -> Dispatcher.call(conv, random(1, 1, 3, 5, 5), w.to(DType.F32)));
    assertThrows(
        TorchException.ArgumentError.class,
        () ->
            Dispatcher.call(
                new MaxPool(List.of(2L, 2L), window(1, 2, 1, 2), false), random(1, 1, 1, 5, 5)));
    assertThrows(
        TorchException.ShapeError.class,
        () -> Dispatcher.call(new BatchNorm(1e-5), random(1, 1, 3)));
    assertThrows(TorchException.ArgumentError.class, () -> window(0, 0, 1, 2));
  }
}
