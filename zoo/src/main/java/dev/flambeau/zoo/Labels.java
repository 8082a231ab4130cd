package dev.flambeau.zoo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Names of classes from a file: JSON as a list of names, or as an object from class number to name
 * or to {@code [id, name]} as in ImageNet's class index; any other file has a name a line.
 */
final class Labels {
  private static final long MAX_BYTES = 16L << 20;
  private static final int MAX_CLASSES = 1 << 20;

  private Labels() {}

  /**
   * Name i is that of class i.
   *
   * @throws UserError if the file is missing, is not of these forms, or leaves a class unnamed
   */
  static List<String> read(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new UserError("no such labels file: " + file + "; check the path given to --labels");
    }
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw unusable(file, "it is larger than 16 MiB");
      }
      String text = Files.readString(file).strip();
      List<String> names =
          text.startsWith("{") || text.startsWith("[") ? json(file, text) : text.lines().toList();
      if (names.isEmpty() || text.isEmpty()) {
        throw unusable(file, "it is empty");
      }
      return names;
    } catch (MalformedInputException e) {
      throw unusable(file, "it is not UTF-8 text");
    } catch (IOException e) {
      throw new UserError("cannot read " + file + ": " + Fetcher.reason(e), e);
    }
  }

  private static List<String> json(Path file, String text) throws IOException {
    JsonNode root;
    try {
      root = new ObjectMapper().readTree(text);
    } catch (JsonProcessingException e) {
      throw unusable(file, "it is not JSON: " + e.getOriginalMessage());
    }
    if (root.isArray()) {
      List<String> names = new ArrayList<>();
      root.forEach(node -> names.add(name(file, node)));
      return names;
    }
    String[] names = new String[root.size()];
    for (var field : root.properties()) {
      names[index(file, field.getKey(), names.length)] = name(file, field.getValue());
    }
    return Arrays.asList(names);
  }

  /** Distinct keys within the range leave no class without a name. */
  private static int index(Path file, String key, int count) {
    if (count > MAX_CLASSES || !key.matches("0|[1-9]\\d{0,8}") || Integer.parseInt(key) >= count) {
      throw unusable(
          file, "key '" + key + "' is not a class number from 0 to " + (count - 1) + " inclusive");
    }
    return Integer.parseInt(key);
  }

  private static String name(Path file, JsonNode node) {
    JsonNode name = node.isArray() && !node.isEmpty() ? node.get(node.size() - 1) : node;
    if (!name.isTextual()) {
      throw unusable(file, "'" + node + "' is not a name");
    }
    return name.textValue();
  }

  private static UserError unusable(Path file, String why) {
    return new UserError(
        "labels file "
            + file
            + ": "
            + why
            + "; it should have a name a line, or be JSON: a list of names, or class numbers to"
            + " names");
  }
}
