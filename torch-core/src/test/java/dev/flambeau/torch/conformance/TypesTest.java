package dev.flambeau.torch.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.catalog.Arguments;
import dev.flambeau.torch.catalog.Entry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Every operator on PyTorch's samples in other element types: in F64 and I32 it gives the same
 * numbers, in the narrow types a result or a clear refusal.
 */
class TypesTest {
  /** Their results for no elements are the type's own extremes. */
  private static final Set<String> EXTREMES =
      Set.of("masked.amax", "masked.amin", "masked.logsumexp");

  @TestFactory
  Stream<DynamicTest> inF64() throws IOException {
    return tests(DType.F32, DType.F64, true);
  }

  @TestFactory
  Stream<DynamicTest> inI32() throws IOException {
    return tests(DType.I64, DType.I32, true);
  }

  @TestFactory
  Stream<DynamicTest> inBF16() throws IOException {
    return tests(DType.F32, DType.BF16, false);
  }

  @TestFactory
  Stream<DynamicTest> inF16() throws IOException {
    return tests(DType.F32, DType.F16, false);
  }

  @TestFactory
  Stream<DynamicTest> inI16() throws IOException {
    return tests(DType.I64, DType.I16, false);
  }

  @TestFactory
  Stream<DynamicTest> inU8() throws IOException {
    return tests(DType.I64, DType.U8, false);
  }

  private static Stream<DynamicTest> tests(DType from, DType to, boolean compared)
      throws IOException {
    String only = System.getProperty("ops", ".*");
    return ConformanceRunner.files(Pack.folder("ops")).stream()
        .filter(f -> f.getFileName().toString().replace(".safetensors", "").matches(only))
        .map(f -> dynamicTest(f.getFileName().toString(), () -> check(f, from, to, compared)));
  }

  private static void check(Path path, DType from, DType to, boolean compared) throws IOException {
    CaseFile file = CaseFile.read(path);
    Optional<Entry> entry = file.entry().filter(Entry::offered);
    if (entry.isEmpty() || to == DType.I32 && EXTREMES.contains(file.operator())) {
      return;
    }
    List<String> problems = new ArrayList<>();
    for (Case c : file.cases(t -> t.dtype() == from ? t.to(to) : t.copy())) {
      boolean plain = c.id().startsWith(from == DType.F32 ? "f32" : "i64") && c.error().isEmpty();
      if (plain && entry.get().reasonAgainst(file.variant(), c.id()).isEmpty()) {
        check(c, entry.get(), from, to, compared).ifPresent(p -> problems.add(c.id() + ": " + p));
      }
    }
    assertEquals("", String.join("\n", problems), path.getFileName().toString());
  }

  private static Optional<String> check(
      Case c, Entry entry, DType from, DType to, boolean compared) {
    Arguments arguments = c.arguments();
    List<Tensor> outputs;
    try {
      outputs = entry.binding().call(arguments);
    } catch (TorchException e) {
      return compared && to == DType.F64 ? Optional.of(e.getMessage()) : Optional.empty();
    } catch (RuntimeException e) {
      return Optional.of("no clear refusal: " + e);
    }
    if (!compared) {
      return Optional.empty();
    }
    List<Tensor> ours = entry.comparison().determined(arguments, outputs);
    List<Tensor> theirs = entry.comparison().determined(arguments, c.outputs());
    for (int k = 0; k < ours.size(); k++) {
      Tensor wanted = theirs.get(k);
      Tensor got = ours.get(k);
      Tensor same = wanted.dtype() == from && got.dtype() == to ? got.to(from) : got;
      Optional<String> difference = Closeness.difference(same, wanted, entry.tolerance());
      if (difference.isPresent()) {
        return difference;
      }
    }
    return Optional.empty();
  }
}
