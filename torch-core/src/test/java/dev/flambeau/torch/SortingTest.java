package dev.flambeau.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.flambeau.torch.api.Reductions.ValuesIndices;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Sorting and searching against Java's own. */
class SortingTest {
  /** Around the switches between insertion and radix passes of 8 and 11 bits. */
  private static final int[] LENGTHS = {0, 1, 2, 31, 32, 33, 300, 5000};

  private static Tensor values(DType type, int n) {
    double[] values = new double[n];
    for (int i = 0; i < n; i++) {
      values[i] = Math.floor((i * 0.6180339887 % 1.0 - 0.3) * 200);
    }
    return Torch.tensor(values, n).to(type);
  }

  private static long[] order(double[] values, boolean descending) {
    Comparator<Integer> rising = Comparator.comparingDouble(i -> values[i] + 0.0);
    return IntStream.range(0, values.length)
        .boxed()
        .sorted(descending ? rising.reversed() : rising)
        .mapToLong(i -> i)
        .toArray();
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void stableForEveryType(DType type) {
    for (int n : LENGTHS) {
      Tensor x = values(type, n);
      for (boolean descending : new boolean[] {false, true}) {
        long[] expected = order(x.toDoubleArray(), descending);
        ValuesIndices sorted = x.sort(0, descending);
        assertArrayEquals(expected, sorted.indices().toLongArray(), type + " " + n);
        assertArrayEquals(
            x.take(sorted.indices()).toDoubleArray(), sorted.values().toDoubleArray());
        for (long k : new long[] {0, n / 20, n / 2, n}) {
          long[] top = x.topk(k, 0, descending).indices().toLongArray();
          assertArrayEquals(Arrays.copyOf(expected, (int) k), top, type + " top " + k + " of " + n);
        }
      }
    }
  }

  @Test
  void nanIsLargestAndZerosAreEqual() {
    double nan = Double.NaN;
    double inf = Double.POSITIVE_INFINITY;
    for (DType type : List.of(DType.F64, DType.F32, DType.F16, DType.BF16)) {
      Tensor x = Torch.tensor(new double[] {nan, 0.0, inf, -0.0, -inf, nan, 1}).to(type);
      assertArrayEquals(
          new long[] {4, 1, 3, 6, 2, 0, 5}, x.argsort(0, false).toLongArray(), type.toString());
      assertArrayEquals(new long[] {0, 5, 2, 6, 1, 3, 4}, x.argsort(0, true).toLongArray());
      assertEquals(-0.0, x.sort(0, false).values().at(2));
    }
  }

  @Test
  void longsAreExact() {
    long big = Long.MAX_VALUE;
    Tensor x = Torch.tensor(new long[] {big, big - 1, Long.MIN_VALUE, big - 2, 0});
    assertArrayEquals(new long[] {2, 4, 3, 1, 0}, x.argsort(0, false).toLongArray());
    Tensor sequence = Torch.tensor(new long[] {big - 2, big - 1, big});
    Tensor wanted = Torch.tensor(new long[] {big - 1});
    assertEquals(1, sequence.searchsorted(wanted, false).itemLong());
    assertEquals(2, sequence.searchsorted(wanted, true).itemLong());
  }

  @Test
  void anyAxisAndAnyStrides() {
    Tensor x = values(DType.F32, 210).reshape(5, 6, 7);
    for (int axis = 0; axis < 3; axis++) {
      Tensor expected = x.movedim(axis, 2).contiguous().sort(2, false).values().movedim(2, axis);
      Tensor odd = x.permute(1, 2, 0).contiguous().permute(2, 0, 1);
      assertArrayEquals(
          expected.toFloatArray(), x.sort(axis, false).values().toFloatArray(), "axis " + axis);
      assertArrayEquals(expected.toFloatArray(), odd.sort(axis, false).values().toFloatArray());
      Tensor flipped = x.flip(axis).sort(axis - 3, true).values().flip(axis);
      assertArrayEquals(expected.toFloatArray(), flipped.toFloatArray());
    }
  }

  @Test
  void uniqueSaysWhichAndHowOften() {
    Tensor x = Torch.tensor(new long[] {3, 1, 3, 2, 1, 3}, 2, 3);
    var found = x.unique();
    assertArrayEquals(new long[] {1, 2, 3}, found.values().toLongArray());
    assertArrayEquals(new long[] {2, 1, 3}, found.counts().toLongArray());
    assertArrayEquals(x.toLongArray(), found.values().take(found.inverse()).toLongArray());
    Tensor rows = Torch.tensor(new long[] {2, 1, 1, 9, 2, 1}, 3, 2);
    var slices = rows.unique(0);
    assertArrayEquals(new long[] {1, 9, 2, 1}, slices.values().toLongArray());
    assertArrayEquals(new long[] {1, 0, 1}, slices.inverse().toLongArray());
    assertArrayEquals(new long[] {1, 2}, slices.counts().toLongArray());
  }
}
