package dev.flambeau.torch.amp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.autograd.Engine;
import dev.flambeau.torch.nn.BatchNorm2d;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Batch norm of BF16 with weights in F32, as autocast calls it, beside all in F32. */
class MixedBatchNormTest {
  private static void close(Tensor got, Tensor expected, double tolerance, String what) {
    double error = got.to(DType.F32).sub(expected).abs().max().item();
    double scale = expected.abs().max().item();
    assertTrue(error <= tolerance * scale, what + " differs by " + error + " of " + scale);
  }

  @ParameterizedTest
  @CsvSource({"5, 7, false", "5, 7, true", "64, 32, true"})
  void roundsOnlyInAndOut(long channels, long size, boolean relu) {
    Torch.manualSeed(1);
    Tensor low = Torch.randn(3, channels, size, size + 1).mul(2).add(1).to(DType.BF16);
    BatchNorm2d mixed = new BatchNorm2d(channels);
    BatchNorm2d full = new BatchNorm2d(channels);
    Torch.noGrad(
        () -> {
          mixed.weight.orElseThrow().copy_(Torch.rand(channels).add(0.5));
          mixed.bias.orElseThrow().copy_(Torch.randn(channels));
        });
    full.loadStateDict(mixed.stateDict());
    Tensor x = low.channelsLast().detach().requiresGrad(true);
    Tensor exact = low.to(DType.F32).channelsLast().detach().requiresGrad(true);
    Tensor y = Autocast.autocast(DType.BF16).run(() -> relu ? mixed.forwardRelu(x) : mixed.call(x));
    Tensor expected = relu ? full.forwardRelu(exact) : full.call(exact);
    assertEquals(DType.BF16, y.dtype());
    close(y, expected, 0.005, "output");
    close(mixed.runningVar.orElseThrow(), full.runningVar.orElseThrow(), 1e-5, "variance");
    Tensor g = Torch.randn(y.shape().sizes()).to(DType.BF16);
    y.mul(g).to(DType.F32).sum().backward();
    expected.mul(g.to(DType.F32)).sum().backward();
    close(x.grad().orElseThrow(), exact.grad().orElseThrow(), 0.02, "gradient");
    Tensor byWeight = mixed.weight.orElseThrow().grad().orElseThrow();
    assertEquals(DType.F32, byWeight.dtype());
    close(byWeight, full.weight.orElseThrow().grad().orElseThrow(), 0.01, "by weight");
    Tensor again =
        Autocast.autocast(DType.BF16).run(() -> relu ? mixed.forwardRelu(x) : mixed.call(x));
    Tensor loss = again.to(DType.F32).mul(g.to(DType.F32)).sum();
    Tensor first =
        Engine.grad(
            new Tensor[] {loss},
            new Tensor[] {loss.detach().onesLike()},
            new Tensor[] {x},
            false,
            true,
            false)[0];
    assertEquals(DType.BF16, first.dtype());
    close(first, exact.grad().orElseThrow(), 0.02, "gradient with a graph");
  }
}
