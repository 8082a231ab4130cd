package dev.flambeau.torch.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Device;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.autograd.Gradcheck;
import dev.flambeau.torch.dispatch.Dispatcher;
import dev.flambeau.torch.op.Resample.Taps;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The kernel against the same sums of other operators, to the last bit where that is defined. */
class ResampleTest {
  /** Places anywhere, in any order, some never. */
  private static Taps taps(int seed, int axis, int size, int length, int count) {
    Random random = new Random(seed);
    long[][] places = new long[count][length];
    double[][] weights = new double[count][length];
    for (int t = 0; t < count; t++) {
      for (int i = 0; i < length; i++) {
        places[t][i] = random.nextInt(size);
        weights[t][i] = random.nextInt(8) == 0 ? 0 : random.nextGaussian();
      }
    }
    return new Taps(axis, size, places, weights);
  }

  private static Tensor random(int seed, long... sizes) {
    Torch.manualSeed(seed);
    return Torch.randn(sizes);
  }

  private static void same(Resample op, Tensor x, double tolerance) {
    Tensor expected = op.decompose(new Tensor[] {x}).orElseThrow()[0];
    Tensor got = Dispatcher.call(op, x);
    assertEquals(expected.shape(), got.shape());
    assertEquals(x.dtype(), got.dtype());
    double scale = expected.numel() == 0 ? 0 : expected.abs().max().item();
    assertArrayEquals(
        expected.toDoubleArray(),
        got.toDoubleArray(),
        tolerance * scale,
        () -> op.name() + " of " + x.meta());
  }

  /** The order of a gradient's sum is not said. */
  private static void same(List<Taps> axes, Tensor x) {
    for (DType type : new DType[] {DType.F32, DType.F16, DType.BF16}) {
      same(new Resample(axes, false), x.to(type), 0);
      double rounded = type == DType.F32 ? 1e-6 : type == DType.F16 ? 1e-3 : 1e-2;
      Resample transposed = new Resample(axes, true);
      Tensor y = Dispatcher.call(new Resample(axes, false), x);
      same(transposed, y.to(type), rounded);
      // Of one number, stretched.
      same(transposed, Torch.full(type, 0.5).expand(y.shape().sizes()), rounded);
    }
  }

  @Test
  void alongOneAxis() {
    Tensor x = random(1, 3, 5, 4, 20);
    for (int axis = 0; axis < 4; axis++) {
      int size = (int) x.size(axis);
      for (int count : new int[] {1, 2, 5}) {
        for (int length : new int[] {1, 13}) {
          Taps taps = taps(axis + count, axis, size, length, count);
          same(List.of(taps), x);
          same(List.of(taps), x.channelsLast());
        }
      }
    }
    same(List.of(taps(1, 0, 9, 4, 3)), random(2, 9));
    same(List.of(taps(1, 2, 3, 8, 2)), random(2, 2, 4, 6, 40).narrow(2, 1, 3).narrow(3, 2, 35));
    same(List.of(taps(1, 1, 4, 8, 2)), random(2, 2, 1, 3).expand(2, 4, 3));
  }

  @Test
  void alongTwoAxes() {
    for (long channels : new long[] {1, 3, 15, 16, 40}) {
      Tensor x = random(1, 2, channels, 6, 5);
      for (int count : new int[] {1, 2, 3}) {
        List<Taps> axes = List.of(taps(1, 2, 6, 9, 2), taps(count, 3, 5, 11, count));
        same(axes, x);
        same(axes, x.channelsLast());
        // In another order of sums, of axes, with an axis between them.
        same(axes.reversed(), x);
        same(axes, x.transpose(2, 3).contiguous().transpose(2, 3));
        same(List.of(taps(3, 0, 2, 4, 2), axes.getFirst()), x);
        same(List.of(taps(3, 0, 2, 4, 2), axes.getFirst()), x.channelsLast());
      }
    }
  }

  /** Rows and columns of many tiles, and those of many taps. */
  @Test
  void inTiles() {
    same(List.of(taps(1, 1, 700, 5000, 2)), random(1, 2, 700));
    same(List.of(taps(1, 1, 5000, 70, 300)), random(1, 2, 5000));
    same(List.of(taps(1, 0, 7, 9, 3)), random(1, 7, 5000));
    same(List.of(taps(1, 1, 30, 211, 2), taps(2, 2, 40, 333, 2)), random(1, 2, 30, 40, 19));
    same(List.of(taps(1, 1, 5, 7, 2), taps(2, 2, 4, 3, 2)), random(1, 1, 5, 4, 2500));
    same(List.of(taps(1, 2, 64, 128, 2), taps(2, 3, 48, 96, 2)), random(1, 3, 20, 64, 48));
  }

  @Test
  void nothing() {
    same(List.of(taps(1, 1, 3, 2, 2)), random(1, 0, 3));
    same(List.of(taps(1, 1, 3, 0, 2)), random(1, 2, 3));
    same(List.of(taps(1, 0, 3, 0, 2), taps(1, 1, 3, 4, 2)), random(1, 3, 3));
  }

  /** What is not read has no gradient, not even one of an infinity. */
  @Test
  void infinities() {
    Taps taps = new Taps(1, 20, new long[][] {{3, 3, 5}}, new double[][] {{1, 0.5, 2}});
    double infinity = Double.POSITIVE_INFINITY;
    Tensor g = Torch.tensor(new double[] {infinity, infinity, 1}, 1, 3).to(DType.F32);
    double[] expected = new double[20];
    expected[3] = infinity;
    expected[5] = 2;
    Tensor got = Dispatcher.call(new Resample(List.of(taps), true), g);
    assertArrayEquals(expected, got.toDoubleArray());
    Tensor stacked = g.reshape(1, 3, 1).expand(1, 3, 24);
    Tensor rows = Dispatcher.call(new Resample(List.of(taps), true), stacked);
    assertArrayEquals(expected, rows.select(2, 23).toDoubleArray());
  }

  @Test
  void derivatives() {
    Torch.manualSeed(4);
    Tensor x = Torch.randn(DType.F64, 2, 3, 4).requiresGrad(true);
    Gradcheck.checkTwice(
        in -> Resample.along(in.getFirst(), taps(1, 1, 3, 5, 2)).square(), List.of(x));
    Gradcheck.checkTwice(
        in -> Resample.along(in.getFirst(), taps(1, 1, 3, 5, 2), taps(2, 2, 4, 3, 3)).square(),
        List.of(x));
  }

  @Test
  void layoutsAreKept() {
    Tensor x = random(1, 2, 3, 4, 5).channelsLast();
    Taps rows = taps(1, 2, 4, 8, 2);
    Taps columns = taps(1, 3, 5, 9, 2);
    assertTrue(Resample.along(x, rows, columns).layout().isChannelsLast());
    assertTrue(Resample.along(x.contiguous(), columns).isContiguous());
    Meta meta = Meta.contiguous(DType.F32, Device.META, x.shape());
    Meta made = new Resample(List.of(rows, columns), false).infer(new Meta[] {meta})[0];
    assertEquals(Meta.contiguous(DType.F32, Device.META, Shape.of(2, 3, 8, 9)), made);
  }

  @Test
  void conditions() {
    Taps taps = taps(1, 1, 3, 5, 2);
    assertThrows(TorchException.ShapeError.class, () -> Resample.along(random(1, 2, 4), taps));
    assertThrows(TorchException.ShapeError.class, () -> Resample.along(random(1, 3), taps));
    assertThrows(
        TorchException.TypeError.class, () -> Resample.along(random(1, 2, 3).to(DType.I32), taps));
    assertThrows(
        TorchException.ArgumentError.class, () -> Resample.along(random(1, 2, 3), taps, taps));
    assertThrows(TorchException.ArgumentError.class, () -> Resample.along(random(1, 2, 3)));
    for (long place : new long[] {-1, 3}) {
      assertThrows(
          TorchException.ArgumentError.class,
          () -> new Taps(0, 3, new long[][] {{0, place}}, new double[1][2]));
    }
    assertThrows(
        TorchException.ArgumentError.class, () -> new Taps(0, 3, new long[2][2], new double[1][2]));
    assertEquals(taps, taps(1, 1, 3, 5, 2));
    assertEquals(taps.hashCode(), taps(1, 1, 3, 5, 2).hashCode());
    assertNotEquals(taps, taps(2, 1, 3, 5, 2));
  }
}
