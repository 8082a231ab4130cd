package dev.flambeau.torch.op;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.backend.cpu.onednn.OneDnn;
import dev.flambeau.torch.dispatch.Dispatcher;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The native F32 kernels and their gradients against the plain Java ones, which run in F64. */
class NativeKernelsTest {
  @BeforeAll
  static void needsTheLibrary() {
    assumeTrue(OneDnn.missing().isEmpty(), () -> "oneDNN: " + OneDnn.missing().orElseThrow());
  }

  private static Tensor random(int seed, long... sizes) {
    Torch.manualSeed(seed);
    return Torch.randn(sizes);
  }

  private static Window window(long stride, long padding, long dilation, int axes) {
    return Window.of(axes, new long[] {stride}, new long[] {padding}, new long[] {dilation});
  }

  private static void compare(Op op, Tensor... inputs) {
    List<Tensor> fast = run(op, DType.F32, inputs);
    List<Tensor> slow = run(op, DType.F64, inputs);
    for (int i = 0; i < fast.size(); i++) {
      Tensor expected = slow.get(i);
      double scale = Math.max(1, expected.abs().amax(new int[0], false).item());
      double worst =
          fast.get(i).to(DType.F64).sub(expected).abs().amax(new int[0], false).item() / scale;
      assertTrue(worst < 2e-5, op + ", result " + i + " differs by " + worst);
    }
    assertEquals(slow.size(), fast.size());
  }

  /** All floating point results, then the gradients of the first one's weighted sum. */
  private static List<Tensor> run(Op op, DType type, Tensor... inputs) {
    Tensor[] in = new Tensor[inputs.length];
    for (int i = 0; i < in.length; i++) {
      // The F32 run reads the inputs as they lie, the F64 run reads converted copies.
      in[i] = inputs[i].to(type).detach().requiresGrad(true);
    }
    Tensor[] out = Dispatcher.callAll(op, in);
    Tensor weights = random(99, out[0].shape().sizes()).to(type);
    out[0].mul(weights).sum().backward();
    List<Tensor> results = new ArrayList<>();
    for (Tensor t : out) {
      results.add(t.detach());
    }
    for (Tensor t : in) {
      results.add(t.grad().orElseThrow());
    }
    return results;
  }

  @Test
  void convolution() {
    compare(new Conv(window(1, 1, 1, 2), 1), random(1, 2, 3, 9, 7), random(2, 5, 3, 3, 3));
    compare(
        new Conv(window(2, 3, 1, 2), 1),
        random(1, 2, 3, 25, 22),
        random(2, 16, 3, 7, 7),
        random(3, 16));
    compare(new Conv(window(1, 2, 2, 2), 8), random(1, 2, 8, 13, 6), random(2, 8, 1, 3, 3));
    compare(new Conv(window(2, 1, 1, 2), 2), random(1, 1, 6, 8, 8), random(2, 8, 3, 3, 3));
    compare(new Conv(window(1, 0, 1, 2), 1), random(1, 1, 25, 1, 1), random(2, 13, 25, 1, 1));
    Tensor sliced = random(1, 2, 6, 9, 12).narrow(1, 1, 3).narrow(3, 2, 7);
    compare(new Conv(window(1, 1, 1, 2), 1), sliced, random(2, 4, 3, 3, 3));
    compare(new Conv(window(2, 1, 1, 1), 1), random(1, 2, 4, 16), random(2, 6, 4, 3));
    compare(new Conv(window(1, 1, 1, 3), 1), random(1, 1, 2, 4, 6, 5), random(2, 3, 2, 3, 2, 3));
    Window uneven = new Window(List.of(2L, 1L), List.of(0L, 2L), List.of(1L, 0L), List.of(1L, 1L));
    compare(new Conv(uneven, 1), random(1, 1, 4, 8, 8).channelsLast(), random(2, 3, 4, 2, 3));
  }

  @Test
  void transposedConvolution() {
    Tensor x = random(1, 2, 6, 5, 4);
    Tensor w = random(2, 6, 2, 3, 3);
    compare(ConvTranspose.of(window(2, 1, 1, 2), 2, new long[] {1}, x.shape(), w.shape()), x, w);
  }

  @Test
  void packedWeightsFollowTheWeight() {
    Tensor x = random(1, 1, 16, 6, 6);
    Tensor w = random(2, 32, 16, 3, 3);
    Conv op = new Conv(window(1, 1, 1, 2), 1);
    Torch.noGrad(
        () -> {
          Tensor first = Dispatcher.call(op, x, w);
          w.mul_(2);
          Tensor second = Dispatcher.call(op, x, w);
          Tensor difference = second.sub(first.mul(2)).abs().amax(new int[0], false);
          assertTrue(difference.item() < 1e-4, "a stale packed weight was used");
        });
  }

  @Test
  void matrixProducts() {
    compare(new MatMul(), random(1, 13, 25), random(2, 25, 6));
    compare(new MatMul(), random(1, 25, 13).mT(), random(2, 6, 25).mT());
    compare(new MatMul(), random(1, 4, 1, 3, 8), random(2, 5, 8, 2));
    compare(new MatMul(), random(1, 2, 3, 8).expand(2, 3, 8), random(2, 1, 8, 4).expand(2, 8, 4));
    compare(new MatMul(), random(1, 1, 8), random(2, 8, 1));
    compare(new MatMul(), random(1, 5, 12).narrow(1, 3, 8), random(2, 8, 9).narrow(1, 2, 4));
    compare(new MatMul(), random(1, 3, 16, 8).permute(1, 0, 2), random(2, 16, 8, 5));
  }

  @Test
  void maximaOfNaNAreNaN() {
    for (int place : new int[] {0, 5, 35, 17 * 36 - 1}) {
      Tensor x = random(1, 1, 17, 6, 6).channelsLast();
      Tensor nan = Torch.full(DType.F32, Double.NaN, 1);
      int channel = place / 36;
      int at = place % 36;
      Torch.noGrad(
          () -> x.narrow(1, channel, 1).narrow(2, at / 6, 1).narrow(3, at % 6, 1).mul_(nan));
      Tensor[] pooled =
          Dispatcher.callAll(new MaxPool(List.of(2L, 2L), window(2, 0, 1, 2), false), x);
      assertTrue(Double.isNaN(pooled[0].at(0, channel, at / 12, at % 6 / 2)), "place " + place);
      assertEquals(at, (long) pooled[1].at(0, channel, at / 12, at % 6 / 2));
      assertEquals(1, pooled[0].isnan().to(DType.I64).sum().itemLong());
    }
  }

  @Test
  void norms() {
    compare(new BatchNorm(1e-5), random(1, 3, 13, 4, 6), random(2, 13), random(3, 13));
    compare(
        new BatchNorm(1e-5), random(1, 3, 16, 5, 5).channelsLast(), random(2, 16), random(3, 16));
    compare(new BatchNorm(1e-5), random(1, 8, 6), random(2, 6), random(3, 6));
    // Channel counts for the vector implementation, with odd sizes, and for the plain ones.
    compare(
        new BatchNorm(1e-5, true),
        random(1, 3, 16, 5, 7).channelsLast(),
        random(2, 16),
        random(3, 16));
    compare(
        new BatchNorm(1e-5, true),
        random(4, 2, 13, 3, 3).channelsLast(),
        random(5, 13),
        random(6, 13));
    compare(new BatchNorm(1e-5, true), random(7, 3, 16, 4, 6), random(8, 16), random(9, 16));
    compare(new BatchNorm(1e-5, true), random(1, 8, 6), random(2, 6), random(3, 6));
    compare(
        new BatchNorm.Eval(1e-3),
        random(1, 3, 16, 5, 5).channelsLast(),
        random(2, 16),
        random(3, 16).square().add(0.1),
        random(4, 16),
        random(5, 16));
    compare(new LayerNorm(1, 1e-5), random(1, 4, 7, 25), random(2, 25), random(3, 25));
    compare(new LayerNorm(2, 1e-5), random(1, 4, 7, 6), random(2, 7, 6), random(3, 7, 6));
  }

  @Test
  void poolsAndSoftmax() {
    for (boolean ceil : new boolean[] {false, true}) {
      for (boolean count : new boolean[] {false, true}) {
        AvgPool op = new AvgPool(List.of(3L, 2L), window(2, 1, 1, 2), ceil, count, 0);
        compare(op, random(1, 2, 13, 9, 8));
      }
      MaxPool max = new MaxPool(List.of(3L, 3L), window(2, 1, 1, 2), ceil);
      compare(max, random(1, 2, 13, 9, 8).channelsLast());
    }
    for (boolean log : new boolean[] {false, true}) {
      compare(new Softmax(1, log), random(1, 6, 25));
      compare(new Softmax(1, log), random(1, 2, 5, 4, 3));
      compare(new Softmax(0, log), random(1, 6, 25));
    }
  }
}
