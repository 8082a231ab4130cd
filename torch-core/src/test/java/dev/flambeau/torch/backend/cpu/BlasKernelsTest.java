package dev.flambeau.torch.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Native matrix products, on inputs stored in all ways, against the plain Java ones. */
class BlasKernelsTest {
  @BeforeEach
  void seed() {
    Torch.manualSeed(7);
  }

  private static void check(Tensor a, Tensor b) {
    Tensor got = a.matmul(b);
    Tensor expected = Torch.empty(got.shape().sizes()).to(got.dtype());
    LinearKernels.matmul(a, b, expected);
    double close = (a.dtype() == DType.F64 ? 1e-13 : 1e-5) * a.size(-1);
    double difference = got.sub(expected).abs().max().item();
    assertTrue(
        difference <= close, () -> a.layout() + " x " + b.layout() + ": off by " + difference);
  }

  /** As it is, transposed in memory, a part of larger rows, every second element. */
  private static Tensor stored(int way, DType type, long... sizes) {
    int last = sizes.length - 1;
    long[] swapped = sizes.clone();
    swapped[last] = sizes[last - 1];
    swapped[last - 1] = sizes[last];
    long[] wide = sizes.clone();
    wide[last] += 5;
    long[] twice = sizes.clone();
    twice[last] *= 2;
    UnaryOperator<Tensor> typed = t -> t.to(type);
    return switch (way) {
      case 0 -> typed.apply(Torch.randn(sizes));
      case 1 -> typed.apply(Torch.randn(swapped)).transpose(-1, -2);
      case 2 -> typed.apply(Torch.randn(wide)).narrow(last, 3, sizes[last]);
      default -> typed.apply(Torch.randn(twice)).slice(last, 0, twice[last], 2);
    };
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, 1",
    "1, 300, 200",
    "300, 1, 200",
    "64, 64, 1",
    "33, 47, 65",
    "130, 257, 129",
    "16, 1000, 100",
    "1000, 16, 100",
    "256, 256, 256"
  })
  void inAllLayouts(long m, long n, long k) {
    for (DType type : new DType[] {DType.F32, DType.F64}) {
      for (int left = 0; left < 4; left++) {
        for (int right = 0; right < 4; right++) {
          check(stored(left, type, m, k), stored(right, type, k, n));
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "1, 6", "6, 1", "6, 6", "3, 1", "40, 40"})
  void inBatches(long left, long right) {
    for (DType type : new DType[] {DType.F32, DType.F64}) {
      for (int way = 0; way < 4; way++) {
        check(stored(way, type, left, 37, 41), stored(3 - way, type, right, 41, 43));
      }
    }
  }

  @Test
  void broadcastBatchesOfTwoAxes() {
    check(stored(0, DType.F32, 2, 1, 40, 33), stored(1, DType.F32, 3, 33, 50));
    check(stored(0, DType.F32, 4, 5, 40, 33), stored(0, DType.F32, 33, 50));
    check(stored(0, DType.F64, 1, 40, 33).expand(7, 40, 33), stored(1, DType.F64, 33, 50));
  }

  @Test
  void whatTheResultHeldBeforeDoesNotCount() {
    Tensor zeros = Torch.zeros(64, 64);
    for (int i = 0; i < 20; i++) {
      // Leaves NaN in freed blocks of the result's size.
      Torch.zeros(64, 64).add(Double.NaN).storage().free();
      assertTrue(zeros.matmul(zeros).abs().max().item() == 0, "a result that is not 0");
    }
  }
}
