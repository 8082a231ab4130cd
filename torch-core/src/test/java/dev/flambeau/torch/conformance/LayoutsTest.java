package dev.flambeau.torch.conformance;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.flambeau.torch.Layout;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.conformance.CaseResult.Outcome;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every operator gives PyTorch's answers however its inputs lie in memory. */
class LayoutsTest {
  /** Operators whose meaning is the layout. */
  private static final Set<String> BY_STRIDES =
      Set.of("as_strided", "as_strided_scatter", "view", "view_as");

  @TestFactory
  Stream<DynamicTest> axesInReverse() throws IOException {
    return tests(LayoutsTest::reversed);
  }

  @TestFactory
  Stream<DynamicTest> everySecondElement() throws IOException {
    return tests(LayoutsTest::sparse);
  }

  private static Stream<DynamicTest> tests(UnaryOperator<Tensor> stored) throws IOException {
    String only = System.getProperty("ops", ".*");
    return ConformanceRunner.files(Pack.folder("ops")).stream()
        .filter(f -> f.getFileName().toString().replace(".safetensors", "").matches(only))
        .map(f -> dynamicTest(f.getFileName().toString(), () -> check(f, stored)));
  }

  private static void check(Path file, UnaryOperator<Tensor> stored) throws IOException {
    FileResult result = ConformanceRunner.run(file, stored);
    assertTrue(
        result.count(Outcome.FAILED) == 0 || BY_STRIDES.contains(result.operator()),
        () -> result.file() + "\n" + result.failures());
  }

  /** Stored with the first axis innermost. */
  private static Tensor reversed(Tensor t) {
    long[] strides = new long[t.dim()];
    long stride = 1;
    for (int i = 0; i < strides.length; i++) {
      strides[i] = stride;
      stride *= Math.max(t.size(i), 1);
    }
    return stored(t, strides, 0);
  }

  /** Stored in row-major order with a gap after each element and 3 elements before the first. */
  private static Tensor sparse(Tensor t) {
    long[] strides = Layout.contiguous(t.shape()).strides();
    for (int i = 0; i < strides.length; i++) {
      strides[i] *= 2;
    }
    return stored(t, strides, 3);
  }

  private static Tensor stored(Tensor t, long[] strides, long offset) {
    Tensor room = Torch.zeros(t.dtype(), 2 * t.numel() + offset + 1);
    Tensor copy = new Tensor(room.storage(), Layout.of(t.shape(), strides, offset), t.dtype());
    return copy.copy_(t);
  }
}
