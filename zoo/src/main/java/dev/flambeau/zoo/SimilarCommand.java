package dev.flambeau.zoo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.flambeau.text.SentenceEmbeddings;
import dev.flambeau.torch.Tensor;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Compares texts by meaning. */
@Command(
    name = "similar",
    description = "Compares texts by meaning: cosine of their vectors, 1 for the same.",
    footer = {"", "  flambeau similar \"A cat sits on the mat.\" \"A kitten rests on a rug.\""})
final class SimilarCommand implements Callable<Integer> {
  private static final int LONGEST = 48;

  /** The result in the form of {@code --json}. */
  record Result(List<String> texts, float[][] similarity) {}

  @Spec private CommandSpec spec;
  @Mixin private CacheOptions cache;

  @Parameters(arity = "1..*", paramLabel = "TEXT", description = "Texts to compare.")
  private List<String> texts;

  @Option(
      names = "--model",
      paramLabel = "NAME|FILE.onnx",
      description = "A file needs its tokenizer.json beside it. Default: ${DEFAULT-VALUE}.",
      defaultValue = "all-MiniLM-L6-v2")
  private String model;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Override
  public Integer call() {
    try (SentenceEmbedder embedder = SentenceEmbedders.load(model, cache.fetcher())) {
      Tensor rows = embedder.embed(texts);
      float[] flat = SentenceEmbeddings.cosineSimilarity(rows, rows).toFloatArray();
      float[][] matrix = new float[texts.size()][texts.size()];
      for (int i = 0; i < matrix.length; i++) {
        System.arraycopy(flat, i * matrix.length, matrix[i], 0, matrix.length);
      }
      PrintWriter out = spec.commandLine().getOut();
      out.print(json ? toJson(matrix) : table(texts, matrix));
      out.flush();
      return CommandLine.ExitCode.OK;
    }
  }

  private String toJson(float[][] matrix) {
    try {
      return new ObjectMapper().writeValueAsString(new Result(texts, matrix))
          + System.lineSeparator();
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("texts and numbers are always JSON", e);
    }
  }

  /** A numbered row a text, and a column a text under its number. */
  static String table(List<String> texts, float[][] matrix) {
    int number = Integer.toString(texts.size()).length();
    int width = texts.stream().mapToInt(t -> shown(t).length()).max().orElse(0);
    StringBuilder out = new StringBuilder(" ".repeat(number + 2 + width));
    for (int j = 1; j <= texts.size(); j++) {
      out.append(String.format(Locale.ROOT, "  %7d", j));
    }
    out.append(System.lineSeparator());
    for (int i = 0; i < texts.size(); i++) {
      String text = shown(texts.get(i));
      String padded = text + " ".repeat(width - text.length());
      out.append(String.format(Locale.ROOT, "%" + number + "d  %s", i + 1, padded));
      for (float value : matrix[i]) {
        out.append(String.format(Locale.ROOT, "  %7.4f", value));
      }
      out.append(System.lineSeparator());
    }
    return out.toString();
  }

  private static String shown(String text) {
    String line = text.replaceAll("\\s+", " ").strip();
    return line.length() <= LONGEST ? line : line.substring(0, LONGEST - 3).stripTrailing() + "...";
  }
}
