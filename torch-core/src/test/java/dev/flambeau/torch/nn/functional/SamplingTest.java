package dev.flambeau.torch.nn.functional;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.autograd.Gradcheck;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What PyTorch's samples do not show: inverses, limits and formulas. */
class SamplingTest {
  private static Tensor image() {
    Torch.manualSeed(3);
    return Torch.randn(DType.F64, 2, 3, 5, 4);
  }

  private static void assertClose(Tensor expected, Tensor got) {
    assertEquals(expected.shape(), got.shape());
    assertArrayEquals(expected.toDoubleArray(), got.toDoubleArray(), 1e-12);
  }

  /** Folding windows counts each element as often as windows hold it. */
  @Test
  void foldReversesUnfold() {
    Tensor x = image();
    long[] kernel = {3, 2};
    long[] dilation = {1, 2};
    long[] padding = {1, 0};
    long[] stride = {2, 1};
    Tensor columns = F.unfold(x, kernel, dilation, padding, stride);
    Tensor ones = F.unfold(x.onesLike(), kernel, dilation, padding, stride);
    long[] size = {5, 4};
    Tensor counts = F.fold(ones, size, kernel, dilation, padding, stride);
    assertClose(x.mul(counts), F.fold(columns, size, kernel, dilation, padding, stride));
    Gradcheck.checkTwice(
        in -> F.fold(in.get(0), size, kernel, dilation, padding, stride).square(),
        List.of(columns.narrow(0, 0, 1).narrow(1, 0, 6).copy().requiresGrad(true)));
  }

  /** The identity map samples the image itself, with either meaning of the corners. */
  @Test
  void identityGrid() {
    Tensor x = image();
    Tensor theta = Torch.tensor(new double[] {1, 0, 0, 0, 1, 0}, 1, 2, 3).expand(2, 2, 3);
    for (boolean align : new boolean[] {false, true}) {
      Tensor grid = F.affineGrid(theta, new long[] {2, 3, 5, 4}, align);
      for (Interpolation mode : new Interpolation[] {Interpolation.LINEAR, Interpolation.CUBIC}) {
        assertClose(x, F.gridSample(x, grid, mode, Padding.REPLICATE, align));
      }
    }
  }

  /** Sampling has second derivatives by image and grid, away from whole coordinates. */
  @Test
  void samplingDerivatives() {
    Tensor x = image().narrow(0, 0, 1).narrow(1, 0, 1).copy().requiresGrad(true);
    Tensor grid = Torch.tensor(new double[] {0.13, -0.37, 0.71, 0.3, -1.3, 0.2}, 1, 1, 3, 2);
    for (Interpolation mode : new Interpolation[] {Interpolation.LINEAR, Interpolation.CUBIC}) {
      Gradcheck.checkTwice(
          in -> F.gridSample(in.get(0), in.get(1), mode, Padding.CONSTANT, false),
          List.of(x, grid.copy().requiresGrad(true)));
    }
  }

  /** Enlarging needs no smoothing; shrinking by whole numbers weighs by a triangle. */
  @Test
  void antialias() {
    Tensor x = image();
    long[] larger = {10, 8};
    double[] none = {};
    assertClose(
        F.interpolate(x, larger, none, Interpolation.LINEAR, false, false),
        F.interpolate(x, larger, none, Interpolation.LINEAR, false, true));
    Tensor line = Torch.tensor(new double[] {1, 2, 4, 8}, 1, 1, 4);
    Tensor half = F.interpolate(line, new long[] {2}, none, Interpolation.LINEAR, false, true);
    // Weights 3, 3, 1 and 1, 3, 3 (with one of 1 cut off at each end) over 7.
    assertClose(Torch.tensor(new double[] {13 / 7.0, 38 / 7.0}, 1, 1, 2), half);
  }

  /** The nearest element by its centre, not by its edge. */
  @Test
  void nearestExact() {
    Tensor line = Torch.tensor(new double[] {0, 1, 2, 3, 4}, 1, 1, 5);
    long[] three = {3};
    assertArrayEquals(
        new double[] {0, 2, 4},
        F.interpolate(line, three, Interpolation.NEAREST_EXACT).toDoubleArray());
    assertArrayEquals(
        new double[] {0, 1, 3}, F.interpolate(line, three, Interpolation.NEAREST).toDoubleArray());
  }

  @Test
  void lpPool() {
    Tensor line = Torch.tensor(new double[] {3, 4, 6, 8}, 1, 1, 4);
    Tensor norms = F.lpPool(line, 2, new long[] {2}, _ -> {});
    assertClose(Torch.tensor(new double[] {5, 10}, 1, 1, 2), norms);
  }

  /** A mask of bool and one of numbers say the same; a row sums to 1. */
  @Test
  void attentionMasks() {
    Torch.manualSeed(4);
    Tensor q = Torch.randn(DType.F64, 2, 3, 4);
    Tensor mask =
        Torch.tensor(new boolean[] {true, false, true, true, true, false, true, true, true}, 3, 3);
    Tensor added =
        Torch.where(
            mask,
            Torch.zeros(DType.F64, 3, 3),
            Torch.full(DType.F64, Double.NEGATIVE_INFINITY, 3, 3));
    var by = F.scaledDotProductAttention(q, q, q, Optional.of(mask), 0, false);
    var plus = F.scaledDotProductAttention(q, q, q, Optional.of(added), 0, false);
    assertClose(by.output(), plus.output());
    assertClose(Torch.ones(DType.F64, 2, 3), by.weights().sum(-1));
  }

  /** Integers are computed exactly. */
  @Test
  void convolutionOfIntegers() {
    Tensor x = Torch.tensor(new long[] {1, 2, 3, 1L << 40}, 1, 1, 4);
    Tensor w = Torch.tensor(new long[] {1, 3}, 1, 1, 2);
    assertArrayEquals(
        new long[] {7, 11, 3 + 3 * (1L << 40)},
        F.conv1d(x, w, Optional.empty(), _ -> {}).toLongArray());
  }
}
