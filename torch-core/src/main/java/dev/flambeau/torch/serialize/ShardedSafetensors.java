package dev.flambeau.torch.serialize;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Named tensors in several safetensors files of one folder with an index that says where each is.
 * Format: Hugging Face, {@code model.safetensors.index.json}.
 */
public final class ShardedSafetensors {
  private static final long MAX_INDEX = 100_000_000;

  /** A file's name: no separators, no drive, not hidden. */
  private static final String NAME = "[A-Za-z0-9_][A-Za-z0-9_.-]{0,250}";

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(20).build())
          .build();

  private ShardedSafetensors() {}

  /**
   * All tensors that an index names.
   *
   * @throws IOException if a file cannot be read
   * @throws TorchException if the index or a file is not sound, names a file outside the folder, or
   *     a tensor is not where it should be
   */
  public static Map<String, Tensor> load(Path index) throws IOException {
    Map<String, List<String>> byFile = new LinkedHashMap<>();
    readIndex(index)
        .forEach((name, file) -> byFile.computeIfAbsent(file, _ -> new ArrayList<>()).add(name));
    Map<String, Tensor> all = new LinkedHashMap<>();
    for (Map.Entry<String, List<String>> part : byFile.entrySet()) {
      Map<String, Tensor> shard = Safetensors.load(index.resolveSibling(part.getKey()));
      for (String name : part.getValue()) {
        Tensor t = shard.get(name);
        if (t == null) {
          throw wrong(index, "tensor " + name + " is not in " + part.getKey());
        }
        all.put(name, t);
      }
    }
    return all;
  }

  private static Map<String, String> readIndex(Path index) throws IOException {
    if (Files.size(index) > MAX_INDEX) {
      throw wrong(index, "an index of more than " + MAX_INDEX + " bytes");
    }
    Map<String, String> files = null;
    try (InputStream in = Files.newInputStream(index);
        JsonParser json = JSON.createParser(in)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw wrong(index, "it is no JSON object");
      }
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String key = json.currentName();
        JsonToken value = json.nextToken();
        if (key.equals("weight_map") && value == JsonToken.START_OBJECT) {
          files = weightMap(json, index);
        } else {
          json.skipChildren();
        }
      }
    } catch (JsonProcessingException e) {
      throw TorchException.format(
          index.toString(), "it is not sound JSON: " + e.getOriginalMessage(), e);
    }
    if (files == null) {
      throw wrong(index, "it lacks a weight_map");
    }
    return files;
  }

  private static Map<String, String> weightMap(JsonParser json, Path index) throws IOException {
    Map<String, String> files = new LinkedHashMap<>();
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      if (json.nextToken() != JsonToken.VALUE_STRING || !json.getText().matches(NAME)) {
        throw wrong(
            index, "tensor " + name + " is in no file of this folder, but in " + json.getText());
      }
      files.put(name, json.getText());
    }
    return files;
  }

  /**
   * Writes {@code model-00001-of-0000N.safetensors} ... and last the index, {@code
   * model.safetensors.index.json}, into a folder; a tensor larger than {@code maxBytes} gets a file
   * of its own. Returns the index.
   *
   * @throws IOException if a file cannot be written
   * @throws TorchException if {@code maxBytes} is not positive
   */
  public static Path save(Map<String, Tensor> tensors, Path folder, long maxBytes)
      throws IOException {
    if (maxBytes <= 0) {
      throw TorchException.argument(
          "ShardedSafetensors.save", "maxBytes", maxBytes, "positive numbers");
    }
    List<Map<String, Tensor>> shards = new ArrayList<>();
    shards.add(new LinkedHashMap<>());
    long total = 0;
    long used = 0;
    for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
      long bytes = entry.getValue().numel() * entry.getValue().dtype().bytes();
      if (used > 0 && bytes > maxBytes - used) {
        shards.add(new LinkedHashMap<>());
        used = 0;
      }
      shards.getLast().put(entry.getKey(), entry.getValue());
      used += bytes;
      total += bytes;
    }
    Map<String, String> files = new LinkedHashMap<>();
    for (int i = 0; i < shards.size(); i++) {
      String file = "model-%05d-of-%05d.safetensors".formatted(i + 1, shards.size());
      Safetensors.save(shards.get(i), Map.of("format", "pt"), folder.resolve(file));
      shards.get(i).keySet().forEach(name -> files.put(name, file));
    }
    Path index = folder.resolve("model.safetensors.index.json");
    writeIndex(index, total, files);
    return index;
  }

  private static void writeIndex(Path index, long total, Map<String, String> files)
      throws IOException {
    WholeFile.write(
        index,
        out -> {
          try (JsonGenerator json = new JsonFactory().createGenerator(out)) {
            json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
            json.writeStartObject();
            json.writeObjectFieldStart("metadata");
            json.writeNumberField("total_size", total);
            json.writeEndObject();
            json.writeObjectFieldStart("weight_map");
            for (Map.Entry<String, String> entry : files.entrySet()) {
              json.writeStringField(entry.getKey(), entry.getValue());
            }
            json.writeEndObject();
            json.writeEndObject();
          }
        });
  }

  private static TorchException wrong(Path index, String message) {
    return TorchException.format(index.toString(), message);
  }
}
