package dev.flambeau.torch.conformance;

import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.autograd.Gradcheck;
import dev.flambeau.torch.catalog.Entry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** First and second derivatives of the whole catalog, on PyTorch's small samples made F64. */
class CatalogGradcheckTest {
  private static final int SAMPLES = 2;
  private static final long ELEMENTS = 30;

  /** Differences between larger outputs (or NaN) say nothing. */
  private static final double LARGEST = 1e4;

  /**
   * Differences do not show these gradients: they are by symmetric or triangular matrices of which
   * one half is read, at points where a norm has none, or leave out vectors that are any basis.
   * LinalgGradientsTest checks them elsewhere. Unpooling, where two elements have one place, gives
   * both its gradient, as PyTorch does; its variants named grad have none such.
   */
  private static final Set<String> ELSEWHERE =
      Set.of(
          "cholesky",
          "cholesky_inverse",
          "linalg.cholesky",
          "linalg.cholesky_ex",
          "linalg.eigh",
          "linalg.eigvalsh",
          "linalg.norm.subgradients_at_zero",
          "linalg.pinv.hermitian",
          "linalg.svd",
          "nn.functional.max_unpool1d",
          "nn.functional.max_unpool2d",
          "nn.functional.max_unpool3d",
          "svd",
          "symeig");

  @TestFactory
  Stream<DynamicTest> derivatives() throws IOException {
    String only = System.getProperty("ops", ".*");
    return ConformanceRunner.files(Pack.folder("ops")).stream()
        .filter(f -> f.getFileName().toString().replace(".safetensors", "").matches(only))
        .filter(f -> !ELSEWHERE.contains(f.getFileName().toString().replace(".safetensors", "")))
        .map(f -> dynamicTest(f.getFileName().toString(), () -> check(f)));
  }

  private static void check(Path path) throws IOException {
    CaseFile file = CaseFile.read(path);
    Entry entry = file.entry().orElse(null);
    if (entry == null) {
      return;
    }
    int done = 0;
    for (Case c : file.cases(t -> t.dtype() == DType.F32 ? t.to(DType.F64) : t.copy())) {
      if (done < SAMPLES && !c.lossOutputs().isEmpty() && check(file, entry, c)) {
        done++;
      }
    }
  }

  /** Whether there was something to check. */
  private static boolean check(CaseFile file, Entry entry, Case c) {
    if (entry.reasonAgainst(file.variant(), c.id()).isPresent()) {
      return false;
    }
    List<Tensor> first = entry.binding().call(c.arguments());
    List<Tensor> inputs = new ArrayList<>();
    c.gradients().forEach((name, wanted) -> wanted.ifPresent(_ -> inputs.add(c.input(name))));
    long elements = inputs.stream().mapToLong(Tensor::numel).sum();
    boolean exact = c.lossOutputs().stream().allMatch(k -> first.get(k).dtype() == DType.F64);
    boolean tame = first.stream().allMatch(t -> t.detach().abs().le(LARGEST).all().itemLong() == 1);
    if (elements == 0 || elements > ELEMENTS || !exact || !tame) {
      return false;
    }
    Gradcheck.checkTwice(
        _ -> {
          List<Tensor> outputs = entry.binding().call(c.arguments());
          List<Tensor> parts = new ArrayList<>();
          c.lossOutputs().forEach(k -> parts.add(outputs.get(k).reshape(-1)));
          return Torch.cat(parts, 0);
        },
        inputs);
    return true;
  }
}
