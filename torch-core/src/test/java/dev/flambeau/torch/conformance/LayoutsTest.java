package dev.flambeau.torch.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.flambeau.torch.Layout;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.catalog.Arguments;
import dev.flambeau.torch.catalog.Entry;
import dev.flambeau.torch.conformance.CaseResult.Outcome;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
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

  /** Operators that write to an input, which is refused if it is stretched. */
  private static final Set<String> WRITING =
      Set.of("native_batch_norm", "nn.functional.batch_norm", "nn.functional.instance_norm");

  private static final Optional<Entry.Tolerance> SUMS =
      Optional.of(new Entry.Tolerance(1e-4, 1e-4, "sums may be taken in another order"));

  @TestFactory
  Stream<DynamicTest> axesInReverse() throws IOException {
    return tests(LayoutsTest::reversed);
  }

  @TestFactory
  Stream<DynamicTest> everySecondElement() throws IOException {
    return tests(LayoutsTest::sparse);
  }

  /** Of a stretched input comes what comes of a copy of it. */
  @TestFactory
  Stream<DynamicTest> stretched() throws IOException {
    return files().map(f -> dynamicTest(f.getFileName().toString(), () -> checkStretched(f)));
  }

  private static void checkStretched(Path path) throws IOException {
    CaseFile file = CaseFile.read(path);
    Optional<Entry> entry = file.entry().filter(Entry::offered);
    boolean other = BY_STRIDES.contains(file.operator()) || WRITING.contains(file.operator());
    if (entry.isEmpty() || other) {
      return;
    }
    List<Case> views = file.cases(LayoutsTest::first);
    List<Case> copies = file.cases(t -> first(t).contiguous().copy());
    for (int i = 0; i < Math.min(views.size(), 6); i++) {
      if (entry.get().reasonAgainst(file.variant(), views.get(i).id()).isPresent()) {
        continue;
      }
      List<Tensor> wanted = outputs(entry.get(), copies.get(i));
      List<Tensor> got = outputs(entry.get(), views.get(i));
      assertEquals(wanted.size(), got.size(), views.get(i).id());
      for (int k = 0; k < wanted.size(); k++) {
        Optional<String> difference =
            Closeness.difference(got.get(k), wanted.get(k).detach(), SUMS);
        assertEquals(Optional.empty(), difference, views.get(i).id());
      }
    }
  }

  /** None if the call is refused. */
  private static List<Tensor> outputs(Entry entry, Case c) {
    try {
      return entry.binding().call(c.arguments());
    } catch (TorchException | Arguments.WrongType | Arguments.NotSupported e) {
      return List.of();
    }
  }

  /** The first slice of the first axis, stretched over that axis. */
  private static Tensor first(Tensor t) {
    return t.dim() == 0 || t.size(0) < 2 ? t.copy() : t.copy().narrow(0, 0, 1).expand(t.shape());
  }

  private static Stream<Path> files() throws IOException {
    String only = System.getProperty("ops", ".*");
    return ConformanceRunner.files(Pack.folder("ops")).stream()
        .filter(f -> f.getFileName().toString().replace(".safetensors", "").matches(only));
  }

  private static Stream<DynamicTest> tests(UnaryOperator<Tensor> stored) throws IOException {
    return files().map(f -> dynamicTest(f.getFileName().toString(), () -> check(f, stored)));
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
