package dev.flambeau.zoo;

import dev.flambeau.onnx.OnnxModule;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Generator;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.serialize.Npy;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs an ONNX file. */
@Command(name = "run", description = "Runs a file on arrays of an .npz file, or on random numbers.")
final class OnnxRunCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private OpenSizes open;

  @Parameters(paramLabel = "FILE", description = "An ONNX file.")
  private Path file;

  @Option(
      names = "--inputs",
      paramLabel = "FILE.npz",
      description = "Arrays by the inputs' names. Default: random ones.")
  private Optional<Path> inputs = Optional.empty();

  @Option(
      names = "--outputs",
      paramLabel = "FILE.npz",
      description = "Where the results go, by the outputs' names.")
  private Optional<Path> outputs = Optional.empty();

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "Of the random numbers (${DEFAULT-VALUE}).")
  private long seed;

  @Override
  public Integer call() throws IOException {
    OnnxModule module = OnnxFiles.load(file);
    Map<String, Tensor> given =
        inputs.isPresent() ? read(inputs.get()) : random(module, open.sizes(), seed);
    PrintWriter out = spec.commandLine().getOut();
    given.forEach((name, t) -> out.println("input   " + describe(name, t)));
    long start = System.nanoTime();
    Map<String, Tensor> results = Torch.noGrad(() -> module.forward(given));
    double seconds = (System.nanoTime() - start) / 1e9;
    results.forEach((name, t) -> out.println("output  " + describe(name, t)));
    out.printf(Locale.ROOT, "%.3f s%n", seconds);
    out.flush();
    if (outputs.isPresent()) {
      try {
        Npy.saveAll(results, outputs.get());
      } catch (IOException e) {
        throw new UserError("cannot write " + outputs.get() + ": " + Fetcher.reason(e), e);
      }
    }
    return CommandLine.ExitCode.OK;
  }

  private static Map<String, Tensor> read(Path npz) {
    if (!Files.isRegularFile(npz)) {
      throw new UserError(npz + ": no such file; --inputs takes an .npz file");
    }
    try {
      return Npy.loadAll(npz);
    } catch (IOException e) {
      throw new UserError("cannot read " + npz + ": " + Fetcher.reason(e), e);
    }
  }

  /** Random inputs by name. */
  static Map<String, Tensor> random(OnnxModule module, Map<String, Long> sizes, long seed) {
    List<Tensor> tensors = module.randomInputs(sizes, new Generator(seed));
    Map<String, Tensor> named = new LinkedHashMap<>();
    for (int i = 0; i < tensors.size(); i++) {
      named.put(module.inputs().get(i), tensors.get(i));
    }
    return named;
  }

  private static String describe(String name, Tensor t) {
    String text = name + "  " + t.dtype() + " " + t.shape();
    if (t.numel() == 0) {
      return text;
    }
    Tensor numbers = t.to(DType.F64);
    return String.format(
        Locale.ROOT,
        "%s  least %.5g, mean %.5g, largest %.5g",
        text,
        numbers.amin().item(),
        numbers.mean().item(),
        numbers.amax().item());
  }
}
