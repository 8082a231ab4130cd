package dev.flambeau.torch.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Copies by tiles have every element in its place, at any size and width. */
class TranspositionTest {
  private static final DType[] TYPES = {DType.U8, DType.I16, DType.F32, DType.F64};

  @ParameterizedTest
  @CsvSource({
    "16, 16",
    "17, 31",
    "1, 40",
    "40, 1",
    "15, 64",
    "64, 15",
    "33, 129",
    "1024, 48",
    "48, 1024"
  })
  void ofMatrices(int rows, int columns) {
    for (DType type : TYPES) {
      Tensor x = Torch.arange(rows * columns).remainder(251).to(type).reshape(rows, columns);
      long[] source = x.to(DType.I64).toLongArray();
      long[] expected = new long[source.length];
      for (int r = 0; r < rows; r++) {
        for (int c = 0; c < columns; c++) {
          expected[c * rows + r] = source[r * columns + c];
        }
      }
      Tensor y = x.transpose(0, 1).contiguous();
      assertArrayEquals(expected, y.to(DType.I64).toLongArray(), type + " " + x.shape());
    }
  }

  @ParameterizedTest
  @CsvSource({"0, 3, 1, 2", "3, 2, 1, 0", "1, 0, 3, 2", "2, 3, 0, 1", "0, 2, 3, 1", "3, 0, 1, 2"})
  void ofMoreAxes(int a, int b, int c, int d) {
    int[] order = {a, b, c, d};
    long[] sizes = {5, 18, 21, 35};
    for (DType type : TYPES) {
      Tensor whole = Torch.arange(5 * 18 * 21 * 40).remainder(241).to(type);
      // A part of larger rows: neither side is dense.
      Tensor x = whole.reshape(5, 18, 21, 40).narrow(3, 2, 35);
      long[] y = x.permute(order).contiguous().to(DType.I64).toLongArray();
      long[] expected = new long[y.length];
      long[] at = new long[4];
      for (int n = 0; n < y.length; n++) {
        long rest = n;
        for (int i = 3; i >= 0; i--) {
          at[order[i]] = rest % sizes[order[i]];
          rest /= sizes[order[i]];
        }
        expected[n] = (((at[0] * 18 + at[1]) * 21 + at[2]) * 40 + at[3] + 2) % 241;
      }
      assertArrayEquals(expected, y, type.toString());
    }
  }
}
