package dev.flambeau.onnx;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.flambeau.onnx.proto.TensorProto;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** ONNX's own backend tests: those whose operators are supported must pass. */
class ConformanceTest {
  /** Tests that are refused or differ though their operators are here, with the reason. */
  private final TreeMap<String, String> known = new TreeMap<>(KnownFailures.reasons());

  private int passed;
  private int unsupported;
  private final List<String> failed = new ArrayList<>();

  @Test
  void backendTests() throws Exception {
    Path folder = unpacked(TestData.conformance());
    List<Path> models;
    try (Stream<Path> files = Files.walk(folder)) {
      models = files.filter(f -> f.getFileName().toString().equals("model.onnx")).sorted().toList();
    }
    models.forEach(model -> run(model, folder.relativize(model.getParent()).toString()));
    failed.forEach(System.out::println);
    System.out.printf(
        "%d passed, %d failed, %d not supported%n",
        passed, failed.size() + KnownFailures.reasons().size() - known.size(), unsupported);
    assertTrue(passed > 0 && failed.isEmpty(), failed.size() + " failed: " + failed);
    assertTrue(known.isEmpty(), "listed as failing, but they pass: " + known.keySet());
  }

  private static Path unpacked(Path archive) throws IOException, InterruptedException {
    Path folder = Path.of("target", "onnx-backend");
    if (!Files.isDirectory(folder.resolve("dev"))) {
      Files.createDirectories(folder);
      int exit =
          new ProcessBuilder("tar", "xzf", archive.toString(), "-C", folder.toString())
              .inheritIO()
              .start()
              .waitFor();
      assertTrue(exit == 0, "tar failed");
    }
    return folder;
  }

  private void run(Path model, String name) {
    OnnxModule module;
    try {
      module = Onnx.load(model);
    } catch (TorchException e) {
      if (lacking(e)) {
        unsupported++;
      } else {
        failed.add(name + ": " + e.getMessage());
      }
      return;
    }
    String problem;
    try {
      problem = Torch.noGrad(() -> compare(module, model.getParent()));
    } catch (RuntimeException e) {
      if (lacking(e)) {
        unsupported++;
        return;
      }
      problem = e.toString();
    }
    if (problem.isEmpty()) {
      passed++;
    } else if (known.remove(name) == null) {
      failed.add(name + ": " + problem);
    }
  }

  /** Whether a file was refused for an operator, a kind of value or an element type. */
  private static boolean lacking(RuntimeException e) {
    String text = "" + e.getMessage();
    return text.contains("operators that are not supported")
        || text.contains("is not a tensor, which alone is supported")
        || text.matches("(?s).*element type \\d+ is not supported.*");
  }

  private static String compare(OnnxModule module, Path folder) {
    for (int set = 0; Files.isDirectory(folder.resolve("test_data_set_" + set)); set++) {
      Path data = folder.resolve("test_data_set_" + set);
      List<Tensor> inputs = new ArrayList<>();
      for (int i = 0; i < module.inputs().size(); i++) {
        inputs.add(read(data.resolve("input_" + i + ".pb")));
      }
      List<Tensor> outputs = module.forward(inputs);
      for (int i = 0; i < outputs.size(); i++) {
        String problem = compare(outputs.get(i), read(data.resolve("output_" + i + ".pb")));
        if (!problem.isEmpty()) {
          return "output " + i + problem;
        }
      }
    }
    return "";
  }

  private static Tensor read(Path file) {
    try {
      return TensorReader.read(TensorProto.parseFrom(Files.readAllBytes(file)), file.toString());
    } catch (InvalidProtocolBufferException e) {
      throw TorchException.format(file.toString(), "not a tensor", e);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static String compare(Tensor got, Tensor expected) {
    if (!got.shape().equals(expected.shape()) || got.dtype() != expected.dtype()) {
      return " is %s %s, expected %s %s"
          .formatted(got.dtype(), got.shape(), expected.dtype(), expected.shape());
    }
    double[] a = TestData.values(got);
    double[] b = TestData.values(expected);
    double relative = expected.dtype() == DType.BF16 ? 1.6e-2 : 1e-3;
    for (int i = 0; i < a.length; i++) {
      boolean same = a[i] == b[i] || Double.isNaN(a[i]) && Double.isNaN(b[i]);
      if (!same && !(Math.abs(a[i] - b[i]) <= 1e-5 + relative * Math.abs(b[i]))) {
        return " differs at %d: %s, expected %s".formatted(i, a[i], b[i]);
      }
    }
    return "";
  }
}
