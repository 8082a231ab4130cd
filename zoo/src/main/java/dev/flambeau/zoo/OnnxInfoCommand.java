package dev.flambeau.zoo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.flambeau.onnx.Onnx;
import dev.flambeau.onnx.OnnxInfo;
import dev.flambeau.torch.TorchException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Tells what an ONNX file holds. */
@Command(
    name = "info",
    description = "Inputs, outputs, operators, parameters, operations and memory of a file.",
    footer = {"", "  flambeau onnx info minilm.onnx --size batch_size=1 --size sequence_length=64"})
final class OnnxInfoCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private OpenSizes open;

  @Parameters(paramLabel = "FILE", description = "An ONNX file.")
  private Path file;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    Map<String, Long> sizes = open.sizes();
    OnnxInfo info;
    String reason = "";
    try {
      info = OnnxFiles.read(file, f -> Onnx.info(f, Optional.of(sizes)));
    } catch (TorchException e) {
      if (!sizes.isEmpty()) {
        throw e;
      }
      info = OnnxFiles.read(file, f -> Onnx.info(f, Optional.empty()));
      reason = e.getMessage().lines().findFirst().orElse("");
    }
    out.print(json ? json(info, reason) : text(info, reason));
    out.flush();
    return CommandLine.ExitCode.OK;
  }

  private static String json(OnnxInfo info, String reason) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("bytes", info.bytes());
    all.put("ir_version", info.irVersion());
    all.put("producer", info.producer());
    all.put("opsets", info.opsets());
    all.put("metadata", info.metadata());
    all.put("inputs", info.inputs().stream().map(OnnxInfoCommand::fields).toList());
    all.put("outputs", info.outputs().stream().map(OnnxInfoCommand::fields).toList());
    all.put("operators", info.operators());
    all.put("unsupported", info.unsupported());
    all.put("parameters", info.parameters());
    all.put("constants", info.constants());
    all.put("weight_bytes", info.weightBytes());
    put(all, "macs", info.macs());
    put(all, "peak_bytes", info.peakBytes());
    if (!reason.isEmpty()) {
      all.put("not_run", reason);
    }
    try {
      return new ObjectMapper().writeValueAsString(all) + System.lineSeparator();
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("texts and numbers are always JSON", e);
    }
  }

  private static Map<String, Object> fields(OnnxInfo.Value value) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("name", value.name());
    fields.put("type", value.type());
    fields.put("sizes", value.sizes());
    return fields;
  }

  private static void put(Map<String, Object> all, String name, OptionalLong value) {
    value.ifPresent(v -> all.put(name, v));
  }

  private static String text(OnnxInfo info, String reason) {
    StringBuilder out = new StringBuilder();
    String opsets =
        info.opsets().entrySet().stream()
            .map(e -> e.getKey() + " " + e.getValue())
            .collect(Collectors.joining(", "));
    line(out, "producer", info.producer() + ", file format " + info.irVersion());
    line(out, "operator sets", opsets);
    info.inputs().forEach(v -> line(out, "input", describe(v)));
    info.outputs().forEach(v -> line(out, "output", describe(v)));
    line(out, "parameters", count(info.parameters()));
    line(out, "constants", count(info.constants()));
    line(out, "weights", megabytes(info.weightBytes()));
    info.macs().ifPresent(n -> line(out, "MACs", count(n)));
    info.peakBytes().ifPresent(n -> line(out, "memory", megabytes(n) + " beside the weights"));
    if (!reason.isEmpty()) {
      line(out, "not run", reason + "; --size sets open sizes");
    }
    int nodes = info.operators().values().stream().mapToInt(Integer::intValue).sum();
    line(out, "nodes", Integer.toString(nodes));
    info.operators().entrySet().stream()
        .sorted(Comparator.comparing(e -> -e.getValue()))
        .forEach(e -> out.append(String.format("%8d  %s%n", e.getValue(), e.getKey())));
    if (!info.unsupported().isEmpty()) {
      line(out, "unsupported", String.join(", ", info.unsupported()));
    }
    info.metadata().forEach((key, value) -> line(out, "metadata", key + " = " + value));
    return out.toString();
  }

  private static void line(StringBuilder out, String name, String value) {
    out.append(String.format("%-14s %s%n", name, value));
  }

  private static String describe(OnnxInfo.Value v) {
    List<String> sizes = v.sizes();
    return v.name() + "  " + v.type() + " [" + String.join(", ", sizes) + "]";
  }

  private static String count(long n) {
    return String.format(Locale.ROOT, "%,d", n);
  }

  private static String megabytes(long bytes) {
    return String.format(Locale.ROOT, "%.2f MB", bytes / 1e6);
  }
}
