package dev.flambeau.torch.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.serialize.Safetensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** One file of reference answers: its header fields, cases and tensors. */
record Pack(Path file, JsonNode header, Map<String, Tensor> tensors) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** The folder of the reference data; the test is skipped, saying so, without it. */
  static Path folder(String part) {
    String set = System.getProperty("flambeau.conformance");
    String root = System.getProperty("flambeau.root", "..");
    Path folder =
        (set == null ? Path.of(root, "../shared/conformance") : Path.of(set)).resolve(part);
    if (!Files.isDirectory(folder)) {
      String reason = "no reference data in " + folder + "; set -Dflambeau.conformance=DIR";
      System.out.println("skipped: " + reason);
      Assumptions.abort(reason);
    }
    return folder;
  }

  static List<Path> files(String part) {
    try (Stream<Path> files = Files.list(folder(part))) {
      return files.filter(f -> f.toString().endsWith(".safetensors")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Pack read(Path file) {
    try {
      JsonNode header = JSON.readTree(Safetensors.metadata(file).get("cases"));
      return new Pack(file, header, Safetensors.load(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Iterable<JsonNode> cases() {
    return header.get("cases");
  }

  Tensor tensor(JsonNode name) {
    Tensor t = tensors.get(name.asText());
    if (t == null) {
      throw new IllegalStateException(file + " has no tensor " + name);
    }
    return t;
  }

  /** The place and values of the worst difference, or empty if all |a - b| <= tol (1 + |b|). */
  static String difference(Tensor got, Tensor wanted, double tolerance) {
    return difference(got, wanted, tolerance, tolerance);
  }

  static String difference(Tensor got, Tensor wanted, double relative, double absolute) {
    if (!got.shape().equals(wanted.shape()) || got.dtype() != wanted.dtype()) {
      return "got " + got.dtype() + got.shape() + ", expected " + wanted.dtype() + wanted.shape();
    }
    double[] a = got.detach().to(DType.F64).toDoubleArray();
    double[] b = wanted.to(DType.F64).toDoubleArray();
    double worst = 0;
    String where = "";
    for (int i = 0; i < a.length; i++) {
      boolean same = a[i] == b[i] || Double.isNaN(a[i]) && Double.isNaN(b[i]);
      double excess = Math.abs(a[i] - b[i]) / (absolute + relative * Math.abs(b[i]));
      if (!same && !(excess <= Math.max(1, worst))) {
        worst = Double.isNaN(excess) ? Double.POSITIVE_INFINITY : excess;
        where = "element " + i + " is " + a[i] + ", expected " + b[i];
      }
    }
    return where;
  }

  /** Numbers of a JSON array. */
  static long[] longs(JsonNode array) {
    List<Long> numbers = new ArrayList<>();
    array.forEach(n -> numbers.add(n.asLong()));
    return numbers.stream().mapToLong(Long::longValue).toArray();
  }
}
