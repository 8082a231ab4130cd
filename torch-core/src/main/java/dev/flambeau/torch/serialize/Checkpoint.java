package dev.flambeau.torch.serialize;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A tree of maps, lists, texts, numbers, booleans, nulls and tensors in one safetensors file: the
 * tensors under their paths, all else as JSON in the metadata. Written whole or not at all. Numbers
 * come back to the bit, as Long or Double; keys of maps as text.
 */
public final class Checkpoint {
  private static final String KEY = "flambeau.tree";
  private static final String TENSOR = "$tensor";
  private static final String REAL = "$real";
  private static final int MAX_DEPTH = 100;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxStringLength(SafetensorsHeader.MAX_BYTES)
                  .maxNestingDepth(2 * MAX_DEPTH)
                  .build())
          .build();

  private Checkpoint() {}

  /**
   * Writes {@code tree}.
   *
   * @throws TorchException if it contains something else, or itself
   */
  public static void save(Map<String, ?> tree, Path file) throws IOException {
    Map<String, Tensor> tensors = new HashMap<>();
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      new Writer(json, tensors).write("", tree, 0);
    }
    Safetensors.save(tensors, Map.of(KEY, text.toString()), file);
  }

  /**
   * Reads a tree.
   *
   * @throws IOException if the file cannot be read
   * @throws TorchException if it was not written by {@link #save}
   */
  public static Map<String, Object> load(Path file) throws IOException {
    String text = Safetensors.metadata(file).get(KEY);
    if (text == null) {
      throw TorchException.format(file.toString(), "no checkpoint: its metadata lacks " + KEY);
    }
    Reader reader = new Reader(Safetensors.load(file), file.toString());
    try (JsonParser json = JSON.createParser(text)) {
      json.nextToken();
      Object tree = reader.read(json);
      if (tree instanceof Map<?, ?> && json.nextToken() == null) {
        Map<String, Object> all = new LinkedHashMap<>();
        ((Map<?, ?>) tree).forEach((key, value) -> all.put((String) key, value));
        return all;
      }
    } catch (com.fasterxml.jackson.core.JacksonException e) {
      throw TorchException.format(file.toString(), "its tree is broken: " + e.getMessage(), e);
    }
    throw TorchException.format(file.toString(), "its tree is no map");
  }

  private record Writer(JsonGenerator json, Map<String, Tensor> tensors) {
    void write(String path, Object value, int depth) throws IOException {
      if (depth > MAX_DEPTH) {
        throw refused(path, "more than " + MAX_DEPTH + " levels deep");
      }
      switch (value) {
        case null -> json.writeNull();
        case Map<?, ?> map -> {
          json.writeStartObject();
          for (Map.Entry<?, ?> entry : map.entrySet()) {
            String key = String.valueOf(entry.getKey());
            if (key.startsWith("$")) {
              throw refused(path, "a key " + key);
            }
            json.writeFieldName(key);
            write(path.isEmpty() ? key : path + "." + key, entry.getValue(), depth + 1);
          }
          json.writeEndObject();
        }
        case List<?> list -> {
          json.writeStartArray();
          for (int i = 0; i < list.size(); i++) {
            write(path + "." + i, list.get(i), depth + 1);
          }
          json.writeEndArray();
        }
        case Tensor t -> marked(TENSOR, unique(path, t));
        case String s -> json.writeString(s);
        case Boolean b -> json.writeBoolean(b);
        case Double d when !Double.isFinite(d) -> marked(REAL, d.toString());
        case Float f when !Float.isFinite(f) -> marked(REAL, f.toString());
        case Double d -> json.writeNumber(d);
        case Float f -> json.writeNumber((double) f);
        case Integer i -> json.writeNumber(i);
        case Long l -> json.writeNumber(l);
        default -> throw refused(path, "a " + value.getClass().getName());
      }
    }

    /** Keys may contain dots, so that two paths can read the same. */
    private String unique(String path, Tensor t) {
      String name = path;
      for (int i = 1; tensors.putIfAbsent(name, t) != null; i++) {
        name = path + "#" + i;
      }
      return name;
    }

    private void marked(String mark, String text) throws IOException {
      json.writeStartObject();
      json.writeStringField(mark, text);
      json.writeEndObject();
    }

    private static TorchException refused(String path, String got) {
      return TorchException.argument(
          "Checkpoint.save",
          "'" + path + "'",
          got,
          "maps whose keys do not start with $, lists, tensors, texts, numbers, booleans, null");
    }
  }

  private record Reader(Map<String, Tensor> tensors, String file) {
    Object read(JsonParser json) throws IOException {
      return switch (json.currentToken()) {
        case START_OBJECT -> map(json);
        case START_ARRAY -> {
          List<Object> list = new ArrayList<>();
          while (json.nextToken() != JsonToken.END_ARRAY) {
            list.add(read(json));
          }
          yield Collections.unmodifiableList(list);
        }
        case VALUE_STRING -> json.getText();
        case VALUE_NUMBER_INT -> json.getLongValue();
        case VALUE_NUMBER_FLOAT -> json.getDoubleValue();
        case VALUE_TRUE -> true;
        case VALUE_FALSE -> false;
        case VALUE_NULL -> null;
        case null, default -> throw broken("ends too early");
      };
    }

    private Object map(JsonParser json) throws IOException {
      Map<String, Object> map = new LinkedHashMap<>();
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String key = json.currentName();
        json.nextToken();
        map.put(key, read(json));
      }
      if (map.size() == 1 && map.get(TENSOR) instanceof String name) {
        Tensor t = tensors.get(name);
        if (t == null) {
          throw broken("names the tensor '" + name + "', which is not there");
        }
        return t;
      }
      return map.size() == 1 && map.get(REAL) instanceof String text ? real(text) : map;
    }

    private Double real(String text) {
      return switch (text) {
        case "NaN" -> Double.NaN;
        case "Infinity" -> Double.POSITIVE_INFINITY;
        case "-Infinity" -> Double.NEGATIVE_INFINITY;
        default -> throw broken("has the number '" + text + "'");
      };
    }

    private TorchException broken(String what) {
      return TorchException.format(file, "its tree " + what);
    }
  }
}
