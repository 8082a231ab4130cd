package dev.flambeau.torch.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.backend.Kernels;
import dev.flambeau.torch.backend.cpu.lapack.Blas;
import dev.flambeau.torch.backend.cpu.vector.FloatMath;
import dev.flambeau.torch.dispatch.Dispatcher;
import dev.flambeau.torch.op.Conv;
import dev.flambeau.torch.op.ConvTranspose;
import dev.flambeau.torch.op.ConvWeight;
import dev.flambeau.torch.op.Structured;
import dev.flambeau.torch.op.Window;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Winograd's convolutions and gradients beside sums in double precision. */
class WinogradTest {
  private final Kernels kernels = new Kernels();

  @BeforeEach
  void register() {
    assumeTrue(Blas.has(DType.F32) && FloatMath.vectors(), "OpenBLAS or the Vector API is missing");
    WinogradKernels.register(kernels, CpuAllocator.configured()::allocate);
  }

  private Tensor run(Structured op, Tensor... in) {
    Tensor out = Dispatcher.call(op, in);
    Tensor again = out.zerosLike().fill_(Float.NaN);
    again = op instanceof ConvWeight ? again : again.channelsLast();
    assertTrue(kernels.run(op, in, new Tensor[] {again}), "not taken");
    return again;
  }

  private void check(Structured op, Tensor... in) {
    Tensor got = run(op, in);
    Tensor[] exact = Arrays.stream(in).map(t -> t.to(DType.F64)).toArray(Tensor[]::new);
    Tensor expected = Dispatcher.call(op, exact);
    double error = got.to(DType.F64).sub(expected).abs().max().item();
    double scale = expected.abs().max().item();
    assertTrue(error < 6e-6 * scale, op + ": differs by " + error + " of " + scale);
    assertTrue(Arrays.equals(got.toFloatArray(), run(op, in).toFloatArray()), "not reproducible");
  }

  @ParameterizedTest
  @CsvSource({
    "2, 32, 64, 30, 27, 1, 1",
    "3, 64, 48, 23, 33, 0, 2",
    "1, 64, 64, 40, 40, 2, 0",
    "3, 192, 160, 30, 31, 1, 1",
    "2, 128, 80, 28, 26, 1, 1"
  })
  void equalsDirectSums(int n, int c, int k, int h, int w, long padding, long paddingEnd) {
    Torch.manualSeed(3);
    List<Long> ones = List.of(1L, 1L);
    Window window = new Window(ones, List.of(padding, 1L), List.of(paddingEnd, 1L), ones);
    Tensor x = Torch.randn(n, c, h, w).relu().channelsLast();
    Tensor weight = Torch.randn(k, c, 3, 3).mul(Math.sqrt(2.0 / 9 / c));
    Tensor bias = Torch.randn(k);
    Conv conv = new Conv(window, 1);
    check(conv, x, weight);
    check(conv, x, weight, bias);
    Tensor y = Dispatcher.call(conv, x, weight);
    Tensor gradient = Torch.randn(y.shape().sizes()).channelsLast();
    check(new ConvTranspose(window, 1, x.shape()), gradient, weight);
    check(new ConvWeight(window, 1, weight.shape()), x, gradient);
  }
}
