package dev.flambeau.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SchemasTest {
  private static final List<String> DOMAINS =
      List.of(Registry.STANDARD, Registry.ML, Registry.PREVIEW, Registry.TRAINING);

  /** What ONNX's documentation corrected after 1.12 in versions that were there. */
  private static final Map<String, String> CORRECTED =
      Map.of(
          "Erf-13", "its types are floating point alone",
          "GridSample-16", "grid and output had each other's types");

  @TempDir Path folder;

  @Test
  void versions() {
    assertEquals(OptionalLong.of(7), Schemas.since("", "Add", 12));
    assertEquals(OptionalLong.of(14), Schemas.since("ai.onnx", "Add", 28));
    assertEquals(OptionalLong.empty(), Schemas.since("", "Gelu", 19));
    assertEquals(OptionalLong.of(20), Schemas.first("", "Gelu"));
    assertEquals(OptionalLong.of(28), Schemas.newest(""));
    assertEquals(OptionalLong.empty(), Schemas.newest("com.microsoft"));
    assertTrue(Schemas.find("", "Scatter", 13).orElseThrow().deprecated());
    assertTrue(Schemas.isRemoved("", "Affine"));
  }

  @Test
  void parameters() {
    Schema resize = Schemas.find("", "Resize", 13).orElseThrow();
    assertEquals(1, Schema.least(resize.inputs()));
    assertEquals(4, Schema.most(resize.inputs()));
    Schema loop = Schemas.find("", "Loop", 16).orElseThrow();
    assertEquals(2, Schema.least(loop.inputs()));
    assertEquals("V", Schema.at(loop.inputs(), 9).orElseThrow().type());
    assertEquals(Optional.empty(), Schema.at(resize.inputs(), 4));
  }

  /** All types are such as values have; operators that are imported are in the table. */
  @Test
  void theTableIsWhole() {
    int operators = 0;
    for (String domain : DOMAINS) {
      for (Schema schema : Schemas.all(domain)) {
        operators++;
        List<Schema.Parameter> all = new ArrayList<>(schema.inputs());
        all.addAll(schema.outputs());
        for (Schema.Parameter p : all) {
          for (String type : schema.allowed(p)) {
            assertEquals(Optional.of(type), ValueType.parse(type).text(), schema.name());
          }
        }
        Registry.first(domain, schema.name())
            .ifPresent(
                first ->
                    assertTrue(
                        first == 1 || first >= Schemas.first(domain, schema.name()).orElse(99),
                        schema.name()));
      }
    }
    assertEquals(642, operators);
  }

  /** Every operator that is not deprecated has a rule for its shapes. */
  @Test
  void eachHasARule() {
    List<String> without = new ArrayList<>();
    for (String domain : DOMAINS) {
      for (Schema schema : Schemas.all(domain)) {
        if (ShapeRules.find(domain, schema.name()).isEmpty()) {
          without.add(domain + "." + schema.name());
        }
      }
    }
    assertEquals(List.of(), without);
  }

  @Test
  void asInPythonsOnnx() throws Exception {
    Path answers = folder.resolve("answers");
    PythonOnnx.find(folder).run("schemas.py", answers);
    List<String> different = new ArrayList<>();
    List<String> lines = Files.readAllLines(answers);
    for (String line : lines) {
      String[] parts = line.split("\\|", -1);
      Schema schema = Schemas.find(parts[0], parts[1], Long.parseLong(parts[2])).orElseThrow();
      String ours = parts[0] + "|" + line(schema);
      if (!ours.equals(line) && !CORRECTED.containsKey(parts[1] + "-" + parts[2])) {
        different.add(ours + "\n" + line);
      }
    }
    different.forEach(System.out::println);
    assertEquals(List.of(), different);
    assertTrue(lines.size() >= 444, lines.size() + "");
  }

  private static String line(Schema schema) {
    String head = schema.name() + "|" + schema.since() + "|";
    if (schema.deprecated()) {
      return head + "deprecated";
    }
    String attributes =
        schema.attributes().entrySet().stream()
            .map(e -> e.getKey() + ":" + e.getValue().type() + ":" + e.getValue().required())
            .sorted()
            .collect(Collectors.joining(" "));
    String types =
        schema.types().entrySet().stream()
            .map(e -> e.getKey() + ":" + String.join(",", e.getValue().stream().sorted().toList()))
            .sorted()
            .collect(Collectors.joining(" "));
    String counts =
        "%d %d %d %d"
            .formatted(
                Schema.least(schema.inputs()),
                Schema.most(schema.inputs()),
                Schema.least(schema.outputs()),
                Schema.most(schema.outputs()));
    return head
        + String.join(
            "|", text(schema.inputs()), text(schema.outputs()), attributes, types, counts);
  }

  private static String text(List<Schema.Parameter> parameters) {
    return parameters.stream()
        .map(p -> p.name() + ":" + p.presence() + ":" + p.alike() + ":" + p.type())
        .collect(Collectors.joining(" "));
  }
}
