package dev.flambeau.onnx;

import dev.flambeau.onnx.proto.ModelProto;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Generator;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Runs ONNX's backend tests: folders with a model, inputs and what it should answer, and real
 * networks with made-up weights ({@code light_*.onnx}), which have their answers beside them.
 */
public final class OnnxConformance {
  /** What became of a test. */
  public enum Outcome {
    PASSED,
    FAILED,
    /** An operator, a kind of value or an element type is not supported. */
    NOT_SUPPORTED
  }

  /**
   * A test by the path of its folder or light model, the kind of its model ({@link ModelKind}), and
   * the reason why it did not pass.
   */
  public record Result(String name, String kind, Outcome outcome, String reason) {}

  private OnnxConformance() {}

  /** All folders below {@code root} with a {@code model.onnx}, and all light models, sorted. */
  public static List<Path> tests(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      return files
          .filter(f -> f.getFileName().toString().equals("model.onnx") || isLight(f))
          .map(f -> isLight(f) ? f : f.getParent())
          .sorted()
          .toList();
    }
  }

  /** The file of a test's model. */
  static Path model(Path test) {
    return isLight(test) ? test : test.resolve("model.onnx");
  }

  private static boolean isLight(Path file) {
    return file.getFileName().toString().matches("light_.*\\.onnx");
  }

  /** Runs one test; whatever goes wrong is its result. */
  public static Result run(Path root, Path test) {
    return run(root, test, Onnx::load);
  }

  /** As above, for what {@code load} makes of the model's file. */
  static Result run(Path root, Path test, Function<Path, OnnxModule> load) {
    String name = root.relativize(test).toString();
    String kind = "unreadable";
    try {
      Path file = model(test);
      ModelProto model = Onnx.parse(file);
      kind = ModelKind.of(model);
      OnnxModule module = load.apply(file);
      boolean random = ModelKind.isRandom(model);
      String problem =
          Torch.noGrad(() -> isLight(test) ? compare(module, test) : compare(module, test, random))
              .orElse("");
      Outcome outcome = problem.isEmpty() ? Outcome.PASSED : Outcome.FAILED;
      return new Result(name, kind, outcome, problem);
    } catch (RuntimeException e) {
      String reason = "" + e.getMessage();
      boolean lacking =
          reason.contains("operators that are not supported")
              || reason.contains("is not one of tensors");
      String text = e instanceof TorchException ? reason : e.toString();
      return new Result(name, kind, lacking ? Outcome.NOT_SUPPORTED : Outcome.FAILED, text);
    }
  }

  /** {@code N passed, N failed, N not supported}. */
  public static String counts(List<Result> results) {
    int[] counts = new int[Outcome.values().length];
    results.forEach(r -> counts[r.outcome().ordinal()]++);
    return "%d passed, %d failed, %d not supported".formatted(counts[0], counts[1], counts[2]);
  }

  /** A line for each kind of model: how many tests, and how many of them pass. */
  public static String table(List<Result> results) {
    Map<String, int[]> kinds = new LinkedHashMap<>();
    results.stream().map(Result::kind).sorted().forEach(k -> kinds.put(k, new int[2]));
    for (Result result : results) {
      kinds.get(result.kind())[0]++;
      kinds.get(result.kind())[1] += result.outcome() == Outcome.PASSED ? 1 : 0;
    }
    StringBuilder out = new StringBuilder();
    kinds.forEach(
        (kind, count) ->
            out.append(
                "%-28s %5d of %5d  %5.1f%%%n"
                    .formatted(kind, count[1], count[0], 100.0 * count[1] / count[0])));
    return out.toString();
  }

  private static Optional<String> compare(OnnxModule module, Path test, boolean random) {
    for (int set = 0; Files.isDirectory(test.resolve("test_data_set_" + set)); set++) {
      Path data = test.resolve("test_data_set_" + set);
      List<OnnxValue> inputs = new ArrayList<>();
      for (int i = 0; i < module.inputs().size(); i++) {
        inputs.add(input(data.resolve("input_" + i + ".pb"), module.inputType(i)));
      }
      Optional<String> problem = compare(module, inputs, data.resolve("output"), random);
      if (problem.isPresent()) {
        return problem;
      }
    }
    return Optional.empty();
  }

  /** A light model, whose inputs are 0, 1/n, 2/n and so on. */
  private static Optional<String> compare(OnnxModule module, Path file) {
    List<OnnxValue> inputs = new ArrayList<>();
    for (Tensor example : module.randomInputs(Map.of(), new Generator(0))) {
      long n = example.numel();
      Tensor ramp = Torch.arange(n).to(DType.F64).div(n).to(DType.F32);
      inputs.add(OnnxValue.of(ramp.reshape(example.shape().sizes())));
    }
    String stem = file.getFileName().toString().replaceFirst("\\.onnx$", "_output");
    return compare(module, inputs, file.resolveSibling(stem), false);
  }

  /**
   * @param answers the start of the names of the files they are in
   */
  private static Optional<String> compare(
      OnnxModule module, List<OnnxValue> inputs, Path answers, boolean random) {
    List<OnnxValue> outputs = module.run(inputs);
    for (int i = 0; i < outputs.size(); i++) {
      Path file = answers.resolveSibling(answers.getFileName() + "_" + i + ".pb");
      OnnxValue expected = read(file, module.outputType(i));
      Optional<String> problem = Comparison.difference(outputs.get(i), expected, random);
      if (problem.isPresent()) {
        return Optional.of("output " + i + " " + problem.get());
      }
    }
    return Optional.empty();
  }

  /** An optional one may have no file. */
  private static OnnxValue input(Path file, Declared type) {
    return type instanceof Declared.Perhaps && !Files.exists(file)
        ? new OnnxValue.Nothing()
        : read(file, type);
  }

  static OnnxValue read(Path file, Declared type) {
    try {
      TensorReader tensors =
          new TensorReader(file.toString(), new ExternalData(Optional.of(file.getParent())));
      return new DataReader(tensors).read(Files.readAllBytes(file), type);
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": " + e.getMessage(), e);
    }
  }

  /** Values against what they should be. */
  private static final class Comparison {
    private static final double RELATIVE = 1e-3;
    private static final double ABSOLUTE = 1e-5;

    private Comparison() {}

    static Optional<String> difference(OnnxValue got, OnnxValue expected, boolean random) {
      if (got instanceof OnnxValue.Numbers a && expected instanceof OnnxValue.Numbers b) {
        return numbers(a, b, random);
      }
      if (got instanceof OnnxValue.Texts a && expected instanceof OnnxValue.Texts b) {
        return Optional.of("is " + a + ", expected " + b).filter(_ -> !a.equals(b));
      }
      if (got instanceof OnnxValue.Sequence a
          && expected instanceof OnnxValue.Sequence b
          && a.items().size() == b.items().size()
          && a.element().equals(b.element())) {
        for (int i = 0; i < a.items().size(); i++) {
          Optional<String> problem = difference(a.items().get(i), b.items().get(i), random);
          if (problem.isPresent()) {
            return Optional.of("item " + i + " " + problem.get());
          }
        }
        return Optional.empty();
      }
      if (got instanceof OnnxValue.Dictionary a
          && expected instanceof OnnxValue.Dictionary b
          && a.entries().keySet().equals(b.entries().keySet())) {
        for (Object key : a.entries().keySet()) {
          Optional<String> problem = difference(a.entries().get(key), b.entries().get(key), random);
          if (problem.isPresent()) {
            return Optional.of("at key " + key + " " + problem.get());
          }
        }
        return Optional.empty();
      }
      return got instanceof OnnxValue.Nothing && expected instanceof OnnxValue.Nothing
          ? Optional.empty()
          : Optional.of("is " + got.describe() + ", expected " + expected.describe());
    }

    private static Optional<String> numbers(
        OnnxValue.Numbers got, OnnxValue.Numbers expected, boolean random) {
      if (!got.tensor().shape().equals(expected.tensor().shape())
          || got.type() != expected.type()) {
        return Optional.of("is " + got.describe() + ", expected " + expected.describe());
      }
      double[] a = Call.doubles(got.tensor());
      double[] b = Call.doubles(expected.tensor());
      for (int i = 0; i < a.length && !random; i++) {
        if (!near(a[i], b[i], got.type())) {
          return Optional.of("differs at %d: %s, expected %s".formatted(i, a[i], b[i]));
        }
      }
      return Optional.empty();
    }

    private static boolean near(double a, double b, ElementType type) {
      if (a == b || Double.isNaN(a) && Double.isNaN(b)) {
        return true;
      }
      // Two units in the last place, where the usual tolerance is less than that.
      double relative =
          switch (type) {
            case BFLOAT16 -> 1.6e-2;
            case FLOAT16 -> 2e-3;
            default -> RELATIVE;
          };
      return type.isFloat()
          && !type.isTiny()
          && Math.abs(a - b) <= ABSOLUTE + relative * Math.abs(b);
    }
  }
}
