package dev.flambeau.zoo;

import dev.flambeau.onnx.OnnxModule;
import dev.flambeau.text.Encoding;
import dev.flambeau.text.Tokenizer;
import dev.flambeau.torch.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Makes sentence embedders of registry names and ONNX files. */
final class SentenceEmbedders {
  private static final String TASK = "sentence embedding";

  private SentenceEmbedders() {}

  /**
   * @param model a name of the registry, or an ONNX file with its tokenizer beside it
   */
  static SentenceEmbedder load(String model, Fetcher fetcher) {
    if (OnnxFiles.named(model)) {
      Path file = Path.of(model);
      OnnxModule network = OnnxFiles.load(file);
      return open(network, file, tokenizerBeside(file));
    }
    Entry entry = Registry.find(model, TASK);
    Path file = fetch(entry, "model", fetcher);
    return open(OnnxFiles.load(file), file, fetch(entry, "tokenizer", fetcher));
  }

  private static Path fetch(Entry entry, String role, Fetcher fetcher) {
    Entry.RemoteFile file = entry.files().get(role);
    return fetcher.fetch(file.source(), file.sha256());
  }

  private static Path tokenizerBeside(Path model) {
    String stem = model.getFileName().toString().replaceFirst("\\.onnx$", "");
    for (String name : List.of(stem + "-tokenizer.json", "tokenizer.json")) {
      Path file = model.resolveSibling(name);
      if (Files.isRegularFile(file)) {
        return file;
      }
    }
    throw new UserError(
        "no tokenizer beside " + model + "; put its tokenizer.json into the same folder");
  }

  private static SentenceEmbedder open(OnnxModule network, Path file, Path tokenizer) {
    List<String> known = List.of("input_ids", "attention_mask", "token_type_ids");
    if (!known.containsAll(network.inputs())) {
      throw new UserError(
          file + " has the inputs " + network.inputs() + "; a text model has some of " + known);
    }
    try {
      return new SentenceEmbedder(Tokenizer.load(tokenizer), input -> hidden(network, input));
    } catch (IOException e) {
      throw new UserError("cannot read " + tokenizer + ": " + Fetcher.reason(e), e);
    }
  }

  private static Tensor hidden(OnnxModule network, Encoding input) {
    Map<String, Tensor> named = new HashMap<>();
    named.put("input_ids", input.inputIds());
    named.put("attention_mask", input.attentionMask());
    named.put("token_type_ids", input.tokenTypeIds());
    named.keySet().retainAll(network.inputs());
    return network.forward(named).values().iterator().next();
  }
}
