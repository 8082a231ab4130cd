package dev.flambeau.torch;

import static dev.flambeau.torch.Index.ELLIPSIS;
import static dev.flambeau.torch.Index.NEW_AXIS;
import static dev.flambeau.torch.Index.all;
import static dev.flambeau.torch.Index.at;
import static dev.flambeau.torch.Index.from;
import static dev.flambeau.torch.Index.slice;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What stands between the brackets of x[...], read and written. */
class IndexTest {
  /** Element (i, j, k) is 100 i + 10 j + k. */
  private static Tensor numbers(int a, int b, int c) {
    long[] values = new long[a * b * c];
    for (int n = 0; n < values.length; n++) {
      values[n] = 100L * (n / (b * c)) + 10L * (n / c % b) + n % c;
    }
    return Torch.tensor(values, a, b, c);
  }

  private static void check(Tensor got, long[] sizes, long... values) {
    assertArrayEquals(sizes, got.shape().sizes());
    assertArrayEquals(values, got.toLongArray());
  }

  private static long[] sizes(long... sizes) {
    return sizes;
  }

  @Test
  void positionsAndSlicesAreViews() {
    Tensor x = numbers(3, 4, 5);
    check(x.get(at(-1), slice(1, 3), at(0)), sizes(2), 210, 220);
    check(x.get(ELLIPSIS, at(2)).get(1), sizes(4), 102, 112, 122, 132);
    check(x.get(at(0), NEW_AXIS, at(1), slice(0, 5, 3)), sizes(1, 2), 10, 13);
    check(x.get(at(2), from(-1), slice(-2, 9)), sizes(1, 2), 233, 234);
    assertSame(x.storage(), x.get(all(), at(1)).storage());
    assertArrayEquals(sizes(3, 4, 5, 1), x.get(ELLIPSIS, NEW_AXIS).shape().sizes());
    assertArrayEquals(sizes(3, 0, 5), x.get(all(), slice(3, 1)).shape().sizes());
  }

  @Test
  void indexTensorsTakeThePlaceOfTheirAxes() {
    Tensor x = numbers(3, 4, 5);
    check(x.get(Index.of(2, 0)).get(ELLIPSIS, at(0)).select(1, 1), sizes(2), 210, 10);
    check(x.get(at(1), Index.of(3, -4), slice(0, 2)), sizes(2, 2), 130, 131, 100, 101);
    Tensor column = Torch.tensor(new long[] {0, 2}, 2, 1);
    Tensor row = Torch.tensor(new long[] {1, 3, 4});
    check(
        x.get(all(), at(0)).get(Index.of(column), Index.of(row)),
        sizes(2, 3),
        1,
        3,
        4,
        201,
        203,
        204);
    // Apart from each other, so their axes come first.
    check(x.get(Index.of(0, 1), slice(1, 3), Index.of(4, 0)), sizes(2, 2), 14, 24, 110, 120);
    // Neighbours behind a whole axis stay there.
    check(x.get(slice(0, 2), Index.of(1, 2), Index.of(3, 4)), sizes(2, 2), 13, 24, 113, 124);
  }

  @Test
  void masksKeepWhatIsTrue() {
    Tensor x = numbers(2, 2, 3);
    Tensor odd = x.remainder(2).eq(1);
    check(x.get(Index.of(odd)), sizes(4), 1, 11, 101, 111);
    Tensor rows = Torch.tensor(new boolean[] {true, false, false, true}, 2, 2);
    check(x.get(Index.of(rows), at(2)), sizes(2), 2, 112);
    Tensor none = Torch.zeros(DType.BOOL, 2);
    assertArrayEquals(sizes(0, 2, 3), x.get(Index.of(none)).shape().sizes());
  }

  @Test
  void setWritesWhereGetReads() {
    Tensor x = numbers(2, 2, 3);
    x.set(7, at(1), all(), at(0));
    x.set(Torch.tensor(new long[] {-1, -2, -3}), at(0), Index.of(1));
    x.set(0, Index.of(x.gt(110)));
    check(x, sizes(2, 2, 3), 0, 1, 2, -1, -2, -3, 7, 101, 102, 7, 0, 0);
  }

  @Test
  void strangeListsAreRefused() {
    Tensor x = numbers(2, 2, 3);
    List<Index[]> wrong =
        List.of(
            new Index[] {at(2)},
            new Index[] {at(0), at(0), at(0), at(0)},
            new Index[] {ELLIPSIS, ELLIPSIS},
            new Index[] {slice(0, 1, -1)},
            new Index[] {Index.of(0, 2)},
            new Index[] {Index.of(0, 1), Index.of(0, 1, 1)},
            new Index[] {Index.of(Torch.zeros(2))},
            new Index[] {Index.of(Torch.ones(DType.BOOL, 3))});
    for (Index[] list : wrong) {
      String message = assertThrows(TorchException.class, () -> x.get(list)).getMessage();
      assertEquals(true, message.contains("allowed"), message);
    }
  }

  @Test
  void bothWaysOfWritingAgree() {
    Tensor x = numbers(4, 3, 2);
    Tensor index = Torch.tensor(new long[] {3, 1, 1});
    Tensor source = numbers(3, 3, 2).add(1000);
    List<Tensor> same = new ArrayList<>();
    same.add(x.indexAdd(0, index, source));
    same.add(x.indexPut(source, true, Index.of(index)));
    same.add(x.scatterAdd(0, index.reshape(3, 1, 1).expand(3, 3, 2).contiguous(), source));
    Tensor transposed = x.permute(2, 1, 0).contiguous().permute(2, 1, 0);
    same.add(transposed.indexPut(source, true, Index.of(index)));
    for (Tensor t : same) {
      assertArrayEquals(same.get(0).toLongArray(), t.toLongArray());
    }
  }

  @Test
  void resizeKeepsWhatFits() {
    Tensor x = numbers(2, 1, 2);
    Storage before = x.storage();
    check(x.resize_(3), sizes(3), 0, 1, 100);
    assertSame(before, x.storage());
    // Room for more than one size class of the allocator.
    Tensor grown = x.resize_(100, 100);
    check(grown.get(0).narrow(0, 0, 3), sizes(3), 0, 1, 100);
    assertSame(x, grown);
    Tensor leaf = Torch.zeros(2).requiresGrad(true);
    assertThrows(TorchException.GradientError.class, () -> leaf.resize_(3));
  }
}
