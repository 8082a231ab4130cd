package dev.flambeau.vision;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.serialize.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;

/** A file of the vision reference data: its cases and tensors. */
public record Conformance(JsonNode file, JsonNode cases, Map<String, Tensor> tensors) {
  /** Reads e.g. {@code transforms/resize}; without the reference data the test is skipped. */
  public static Conformance read(String name) throws IOException {
    Path file = folder().resolve("vision").resolve(name + ".safetensors");
    if (!Files.isRegularFile(file)) {
      System.out.println("skipped: no reference data: " + file + " is missing");
      Assumptions.abort("no " + file);
    }
    JsonNode root = new ObjectMapper().readTree(Safetensors.metadata(file).get("cases"));
    return new Conformance(root, root.get("cases"), Safetensors.load(file));
  }

  private static Path folder() {
    String given = System.getProperty("flambeau.conformance");
    if (given != null) {
      return Path.of(given);
    }
    Path root = Path.of(System.getProperty("flambeau.root", "..")).toAbsolutePath().normalize();
    return root.resolveSibling("shared").resolve("conformance");
  }

  /** The tensor a value names, a PIL image as (channels, height, width). */
  public Tensor image(JsonNode value) {
    Tensor t = tensors.get(value.get("tensor").asText());
    if (!value.has("pil")) {
      return t;
    }
    return t.dim() == 2 ? t.unsqueeze(0) : t.permute(2, 0, 1).contiguous();
  }
}
