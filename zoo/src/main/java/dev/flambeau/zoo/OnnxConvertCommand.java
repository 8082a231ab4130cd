package dev.flambeau.zoo;

import dev.flambeau.onnx.Onnx;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.nn.Module;
import dev.flambeau.torch.serialize.Gguf;
import dev.flambeau.torch.serialize.Npy;
import dev.flambeau.torch.serialize.PyTorchFile;
import dev.flambeau.torch.serialize.Safetensors;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
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
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Makes ONNX files of states and states of ONNX files. */
@Command(
    name = "convert",
    description = {
      "Puts a state into a network and exports it, or takes the state out of an ONNX file.",
      "States: .safetensors, .pt, .pth, .th, .npz; .gguf is read only.",
      "How pictures are prepared goes along where both files have a place for it."
    },
    footer = {
      "",
      "  flambeau onnx convert resnet18.pth resnet18.onnx --model resnet18",
      "  flambeau onnx convert net.onnx net.safetensors"
    })
final class OnnxConvertCommand implements Callable<Integer> {
  private static final String ONNX = "onnx";

  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "FROM", description = "An ONNX file or a state.")
  private Path from;

  @Parameters(index = "1", paramLabel = "TO", description = "The other kind of file.")
  private Path to;

  @Option(
      names = "--model",
      paramLabel = "NAME",
      description = "The network that the state is of, by torchvision's name.")
  private Optional<String> model = Optional.empty();

  @Option(
      names = "--opset",
      paramLabel = "N",
      defaultValue = "21",
      description = "Operator set of the ONNX file (${DEFAULT-VALUE}).")
  private int opset;

  @Override
  public Integer call() {
    if (!Files.isRegularFile(from)) {
      throw new UserError(from + ": no such file");
    }
    try {
      Map<String, Tensor> state = state();
      if (ending(to).equals(ONNX)) {
        export(state);
      } else {
        save(state);
      }
    } catch (IOException e) {
      throw new UserError("cannot convert " + from + ": " + Fetcher.reason(e), e);
    } catch (UncheckedIOException e) {
      throw new UserError("cannot convert " + from + ": " + e.getMessage(), e);
    }
    PrintWriter out = spec.commandLine().getOut();
    out.println(to);
    out.flush();
    return CommandLine.ExitCode.OK;
  }

  private static String ending(Path file) {
    String name = file.getFileName().toString();
    return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
  }

  private Map<String, Tensor> state() throws IOException {
    return switch (ending(from)) {
      case ONNX -> Onnx.load(from).stateDict();
      case "safetensors" -> Safetensors.load(from);
      case "pt", "pth", "th" -> PyTorchFile.stateDict(from);
      case "npz" -> Npy.loadAll(from);
      case "gguf" -> Gguf.load(from).tensors();
      default ->
          throw new UserError(
              from + ": unknown ending; allowed: .onnx, .safetensors, .pt, .pth, .th, .npz, .gguf");
    };
  }

  private void save(Map<String, Tensor> state) throws IOException {
    switch (ending(to)) {
      case "safetensors" -> Safetensors.save(state, metadata(), to);
      case "pt", "pth", "th" -> PyTorchFile.save(state, to);
      case "npz" -> Npy.saveAll(state, to);
      case "gguf" ->
          throw new UserError(
              to + ": GGUF files are read, not written; allowed: .safetensors, .pt, .npz");
      default ->
          throw new UserError(
              to + ": unknown ending; allowed: .onnx, .safetensors, .pt, .pth, .th, .npz");
    }
  }

  /** What the file says beside its tensors. */
  private Map<String, String> metadata() throws IOException {
    return switch (ending(from)) {
      case ONNX -> Onnx.readMetadata(from);
      case "safetensors" -> Safetensors.metadata(from);
      default -> Map.of();
    };
  }

  private void export(Map<String, Tensor> state) throws IOException {
    if (ending(from).equals(ONNX)) {
      throw new UserError(to + " is an ONNX file already; allowed: a state, such as .safetensors");
    }
    String name =
        model.orElseThrow(
            () ->
                new UserError(
                    "a state does not say which network it is of; add --model, one of "
                        + Architectures.names()));
    Module network = Architectures.load(name, state);
    List<Tensor> example = List.of(Torch.zeros(Architectures.example(name)));
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put(Onnx.PREPROCESS, Architectures.card(name).toJson());
    metadata.putAll(metadata());
    Onnx.export(
        network,
        example,
        to,
        o -> {
          o.opset(opset).dynamicAxis(0, "batch");
          metadata.forEach(o::metadata);
        });
  }
}
