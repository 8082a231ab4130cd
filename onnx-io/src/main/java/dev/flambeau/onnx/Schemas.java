package dev.flambeau.onnx;

import dev.flambeau.onnx.proto.AttributeProto.AttributeType;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;

/**
 * The operators of ONNX's own domains in all their versions, from {@code operators.txt}, which says
 * how it is written. It is read when the first one is asked for: importing does without.
 */
final class Schemas {
  private static final String FILE = "operators.txt";

  /** Operators that were tried in the first operator set and taken back. */
  private static final Set<String> REMOVED =
      Set.of(
          "ATen",
          "Affine",
          "ConstantFill",
          "Crop",
          "DynamicSlice",
          "GRUUnit",
          "GivenTensorFill",
          "ImageScaler",
          "ParametricSoftplus",
          "Scale",
          "ScaledTanh");

  /** The versions of an operator by the operator set they came with. */
  private final Map<String, TreeMap<Long, Schema>> operators = new HashMap<>();

  /** The newest operator set of a domain. */
  private final Map<String, Long> newest = new HashMap<>();

  private static final class All {
    private static final Schemas SCHEMAS = new Schemas();
  }

  private Schemas() {
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(
                Schemas.class.getResourceAsStream(FILE), StandardCharsets.UTF_8))) {
      String domain = "";
      List<String> block = new ArrayList<>();
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        if (!line.startsWith(" ")) {
          add(domain, block);
          block.clear();
        }
        if (line.startsWith("domain ")) {
          domain = Names.domain(line.substring("domain ".length()));
        } else if (!line.startsWith("#")) {
          block.add(line);
        }
      }
      add(domain, block);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String key(String domain, String type) {
    return Names.domain(domain) + ":" + type;
  }

  private void add(String domain, List<String> block) {
    if (block.isEmpty()) {
      return;
    }
    List<String> head = List.of(block.getFirst().split(" "));
    int dash = head.getFirst().lastIndexOf('-');
    String name = head.getFirst().substring(0, dash);
    long since = Long.parseLong(head.getFirst().substring(dash + 1));
    Set<Integer> counts = new HashSet<>();
    head.stream()
        .filter(w -> w.startsWith("outputs="))
        .flatMap(w -> List.of(w.substring("outputs=".length()).split(",")).stream())
        .forEach(count -> counts.add(Integer.valueOf(count)));
    List<Schema.Parameter> inputs = new ArrayList<>();
    List<Schema.Parameter> outputs = new ArrayList<>();
    Map<String, Schema.Attribute> attributes = new LinkedHashMap<>();
    Map<String, Set<String>> types = new LinkedHashMap<>();
    for (String line : block.subList(1, block.size())) {
      List<String> words = List.of(line.strip().split(" "));
      List<String> rest = words.subList(1, words.size());
      switch (words.getFirst()) {
        case "in" -> rest.forEach(word -> inputs.add(parameter(word)));
        case "out" -> rest.forEach(word -> outputs.add(parameter(word)));
        case "attributes" -> rest.forEach(word -> attribute(word, attributes));
        default -> types.put(words.getFirst(), Set.copyOf(rest));
      }
    }
    boolean deprecated = head.contains("deprecated");
    boolean open = head.contains("open");
    operators
        .computeIfAbsent(key(domain, name), _ -> new TreeMap<>())
        .put(
            since,
            new Schema(name, since, deprecated, open, counts, inputs, outputs, attributes, types));
    newest.merge(domain, since, Math::max);
  }

  private static Schema.Parameter parameter(String word) {
    int colon = word.indexOf(':');
    String name = word.substring(0, colon);
    String type = word.substring(colon + 1);
    Schema.Presence presence =
        switch (name.charAt(name.length() - 1)) {
          case '?' -> Schema.Presence.OPTIONAL;
          case '+', '*' -> Schema.Presence.VARIADIC;
          default -> Schema.Presence.ONCE;
        };
    int least = name.endsWith("+") ? 1 : 0;
    boolean alike = name.indexOf('~') < 0;
    return new Schema.Parameter(name.replaceAll("[~?+*]", ""), presence, least, alike, type);
  }

  private static void attribute(String word, Map<String, Schema.Attribute> attributes) {
    int colon = word.indexOf(':');
    int equals = word.indexOf('=');
    String type = word.substring(colon + 1, equals < 0 ? word.length() : equals);
    boolean required = type.endsWith("!");
    attributes.put(
        word.substring(0, colon),
        new Schema.Attribute(
            AttributeType.valueOf(type.replace("!", "").toUpperCase(Locale.ROOT)),
            required,
            equals < 0 ? Optional.empty() : Optional.of(word.substring(equals + 1))));
  }

  /** The version of an operator that an operator set has, a deprecated one too. */
  static Optional<Schema> find(String domain, String type, long opset) {
    return Optional.ofNullable(All.SCHEMAS.operators.get(key(domain, type)))
        .map(versions -> versions.floorEntry(opset))
        .map(Map.Entry::getValue);
  }

  /**
   * The operator set with which the version came that {@code opset} has; empty if it has no such
   * operator. Two sets have the same version of an operator if these are equal.
   */
  static OptionalLong since(String domain, String type, long opset) {
    return find(domain, type, opset)
        .map(schema -> OptionalLong.of(schema.since()))
        .orElse(OptionalLong.empty());
  }

  /** All versions of all operators of a domain. */
  static List<Schema> all(String domain) {
    String prefix = Names.domain(domain) + ":";
    return All.SCHEMAS.operators.entrySet().stream()
        .filter(e -> e.getKey().startsWith(prefix))
        .flatMap(e -> e.getValue().values().stream())
        .toList();
  }

  /** The first operator set with an operator. */
  static OptionalLong first(String domain, String type) {
    TreeMap<Long, Schema> versions = All.SCHEMAS.operators.get(key(domain, type));
    return versions == null ? OptionalLong.empty() : OptionalLong.of(versions.firstKey());
  }

  /** The newest operator set of a domain; empty for domains that are not ONNX's own. */
  static OptionalLong newest(String domain) {
    Long version = All.SCHEMAS.newest.get(Names.domain(domain));
    return version == null ? OptionalLong.empty() : OptionalLong.of(version);
  }

  /** Whether this is one of the operators that ONNX tried at first and took back. */
  static boolean isRemoved(String domain, String type) {
    return Names.domain(domain).isEmpty() && REMOVED.contains(type);
  }
}
