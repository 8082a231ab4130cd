package dev.flambeau.torch.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.autograd.Gradcheck;
import dev.flambeau.torch.nn.functional.F;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

/** Modules that came to PyTorch after 1.13, for which there are no recorded cases. */
class NewerModulesTest {
  private static void same(Tensor wanted, Tensor got) {
    assertEquals(wanted.shape(), got.shape());
    assertArrayEquals(wanted.toDoubleArray(), got.toDoubleArray(), 1e-12);
  }

  @Test
  void rmsNormDividesByTheRootOfTheMeanSquare() {
    Torch.manualSeed(1);
    RMSNorm norm = new RMSNorm(new long[] {3, 4}, o -> o.eps(0.5));
    norm.to(DType.F64);
    Torch.noGrad(() -> norm.weight.orElseThrow().uniform_(1, 2));
    Tensor x = Torch.randn(DType.F64, 2, 3, 4);
    Tensor rows = x.reshape(2, 12);
    Tensor size = rows.square().sum(1).div(12).add(0.5).sqrt().reshape(2, 1, 1);
    same(x.div(size).mul(norm.weight.orElseThrow().detach()), norm.forward(x).detach());
    assertEquals("RMSNorm((3, 4), eps=0.5, elementwise_affine=True)", norm.toString());
    Module plain = new RMSNorm(new long[] {4}, o -> o.elementwiseAffine(false));
    assertEquals("RMSNorm((4,), eps=None, elementwise_affine=False)", plain.toString());
    double[] ones = plain.forward(Torch.full(DType.F32, 1e-3, 1, 4)).toDoubleArray();
    // The machine epsilon of F32 beside squares of 1e-6.
    assertEquals(1 / Math.sqrt(1 + Math.ulp(1f) / 1e-6), ones[0], 1e-6);
    assertThrows(TorchException.class, () -> plain.forward(Torch.ones(2, 3)));
  }

  @Test
  void circularPaddingTakesTheOtherSide() {
    Tensor line = Torch.arange(4).to(DType.F64).reshape(1, 1, 4);
    same(
        Torch.tensor(new double[] {2, 3, 0, 1, 2, 3, 0}).reshape(1, 1, 7),
        new CircularPad1d(2, 1).forward(line));
    Tensor square = Torch.arange(4).to(DType.F64).reshape(1, 2, 2);
    same(
        Torch.tensor(new double[] {3, 2, 3, 1, 0, 1, 3, 2, 3}).reshape(1, 3, 3),
        new CircularPad2d(1, 0, 1, 0).forward(square));
    Tensor cube = Torch.randn(DType.F64, 1, 2, 3, 4, 5);
    same(
        cube.roll(new long[] {1}, new int[] {2}),
        new CircularPad3d(0, 0, 0, 0, 1, 0).forward(cube).narrow(2, 0, 3));
    assertThrows(TorchException.class, () -> new CircularPad1d(9).forward(line));
  }

  @Test
  void zeroPaddingIsConstantPadding() {
    Tensor x = Torch.randn(DType.F64, 2, 3, 2, 3, 4);
    same(
        new ConstantPad3d(0, 1, 2, 0, 1, 1, 0).forward(x),
        new ZeroPad3d(1, 2, 0, 1, 1, 0).forward(x));
    Tensor line = x.flatten(2, -1);
    same(new ConstantPad1d(0, -1, 2).forward(line), new ZeroPad1d(-1, 2).forward(line));
    assertEquals("ZeroPad1d((1, 2))", new ZeroPad1d(1, 2).toString());
  }

  @Test
  void powerPoolingIsTheNormOfEachWindow() {
    Tensor x = Torch.rand(DType.F64, 2, 3, 4, 4, 6);
    Tensor y = new LPPool3d(3, 2).forward(x);
    Tensor windows = x.unfold(2, 2, 2).unfold(3, 2, 2).unfold(4, 2, 2).flatten(5, -1);
    same(windows.pow(3).sum(-1).pow(1.0 / 3), y);
  }

  @Test
  void gradientsAreDerivatives() {
    Torch.manualSeed(2);
    Tensor x = Torch.randn(DType.F64, 2, 5, 2, 2).requiresGrad(true);
    Gradcheck.checkTwice(in -> F.crossMapLrn2d(in.get(0), 3, 0.7, 0.6, 1.5), List.of(x));
    Tensor weight = Torch.randn(DType.F64, 2, 2).requiresGrad(true);
    Gradcheck.checkTwice(
        in ->
            F.rmsNorm(in.get(0), new long[] {2, 2}, Optional.of(in.get(1)), OptionalDouble.of(0.1)),
        List.of(x, weight));
    Gradcheck.check(in -> F.channelShuffle(in.get(0).narrow(1, 0, 4), 2), List.of(x));
  }
}
