package dev.flambeau.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtException;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against ONNX Runtime, and what a stranger's file must not do. */
class StringOperatorsTest {
  private static final String[] WORDS = {
    "monday", "Tuesday", "WEDNESDAY", "été", "a b  c", " d,e,,f ", "", ",", "mañana@x.org"
  };

  private static OneNode node(String type) {
    return new OneNode("", type, 20);
  }

  private static void same(OneNode node, int outputs) throws OrtException {
    PeerValues.assertSame(node, outputs, 0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"LOWER", "UPPER", "NONE"})
  void normalizes(String action) throws OrtException {
    for (int sensitive = 0; sensitive < 2; sensitive++) {
      OneNode node =
          node("StringNormalizer")
              .with("case_change_action", action)
              .with("is_case_sensitive", sensitive)
              .with("locale", "C")
              .with("stopwords", new String[] {"MONDAY", "Tuesday", "A"});
      same(node.on(new String[] {"monday", "Tuesday", "wedNesday", "a b", ""}, 1, 5), 1);
      same(new OneNode(node).on(new String[] {"Tuesday", "Tuesday"}), 1);
    }
  }

  /** Letters beyond ASCII, which ONNX Runtime changes only where the system has the locale. */
  @Test
  void changesTheCaseOfAllLetters() {
    OneNode node =
        node("StringNormalizer")
            .with("case_change_action", "UPPER")
            .with("stopwords", new String[] {"ÉTÉ"})
            .on(new String[] {"été", "mañana", "straße"});
    assertEquals(OnnxValue.of(List.of("MAÑANA", "STRASSE")), node.run(1).getFirst());
  }

  @Test
  void concatenatesBroadcast() throws OrtException {
    String[] left = Arrays.copyOf(WORDS, 6);
    same(node("StringConcat").on(left, 3, 1, 2).on(Arrays.copyOf(WORDS, 4), 4, 1), 1);
    same(node("StringConcat").on(left, 6).on(new String[] {"x"}, 1), 1);
  }

  @Test
  void splits() throws OrtException {
    // The parts of an empty string are one, as in Python; ONNX Runtime counts none.
    String[] words = Arrays.stream(WORDS).filter(s -> !s.isEmpty()).toArray(String[]::new);
    for (int most : new int[] {-1, 1, 2}) {
      for (String delimiter : new String[] {",", ",,", "day"}) {
        OneNode node = node("StringSplit").with("delimiter", delimiter).on(words, 2, 4);
        same(most < 0 ? node : node.with("maxsplit", most), 2);
      }
    }
    same(node("StringSplit").on(words, 2, 4), 2);
  }

  /** As Python's str.split does, where the rest keeps the spaces at its end. */
  @Test
  void splitsAtSpacesAsPython() {
    OneNode node = node("StringSplit").with("maxsplit", 1);
    node.on(new String[] {"  a b  c  ", "\u00a0x\ty", " "});
    OnnxValue wanted = OnnxValue.of(List.of("a", "b  c  ", "x", "y", "", ""), 3, 2);
    assertEquals(wanted, node.run(2).getFirst());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[a-z]+",
        "(?i)monday|TUESDAY",
        "\\w+@\\w+\\.org",
        ".*",
        "(a|b)*\\s.*",
        "\\pL+",
        "x{0,3}",
        "[^,]*(,[^,]*){3}",
        "\\Q,\\E",
        "^.?$",
        "(?:m|W).*(?:y|Y)\\b"
      })
  void matchesFully(String pattern) throws OrtException {
    same(node("RegexFullMatch").with("pattern", pattern).on(WORDS, 3, 3), 1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "((((a{100}){100}){100}){100})",
        "(?:a{0,1000}){1000}",
        "(",
        "[",
        "(?<=a)b",
        "\\1"
      })
  void refusesHostilePatterns(String pattern) {
    OneNode node = node("RegexFullMatch").with("pattern", pattern).on(WORDS, 9);
    TorchException e =
        assertTimeoutPreemptively(
            Duration.ofSeconds(5), () -> assertThrows(TorchException.class, () -> node.run(1)));
    assertTrue(e.getMessage().contains("pattern"), e.getMessage());
  }

  @Test
  void takesNoExponentialTime() {
    OneNode deep = node("RegexFullMatch").with("pattern", "(".repeat(5000) + ")".repeat(5000));
    deep.on(WORDS, 9);
    assertThrows(TorchException.class, () -> deep.run(1));
    OneNode node = node("RegexFullMatch").with("pattern", "(a*)*b");
    node.on(new String[] {"a".repeat(10_000)});
    OnnxValue.Numbers result =
        (OnnxValue.Numbers)
            assertTimeoutPreemptively(Duration.ofSeconds(5), () -> node.run(1).getFirst());
    assertEquals(0, result.tensor().to(DType.I64).itemLong());
  }

  @ParameterizedTest
  @ValueSource(strings = {"TF", "IDF", "TFIDF"})
  void countsNgrams(String mode) throws OrtException {
    Random random = new Random(3);
    for (int i = 0; i < 12; i++) {
      long[] pool = {0, 1, 0, 1, 1, 2, 2, 0, 1, 1, 1, 3};
      int shortest = 1 + i % 3;
      OneNode node =
          node("TfIdfVectorizer")
              .with("mode", mode)
              .with("min_gram_length", shortest)
              .with("max_gram_length", shortest + random.nextInt(4 - shortest))
              .with("max_skip_count", random.nextInt(4))
              .with("ngram_counts", new long[] {0, 2, 6})
              .with("ngram_indexes", new long[] {5, 1, 2, 3, 4, 0});
      if (i % 2 == 0) {
        node.with("weights", new float[] {0.5f, 2, 3, 0.25f, 5, 7});
      }
      Tensor x = Torch.tensor(random.longs(40, 0, 4).toArray(), 4, 10);
      if (i % 4 < 2) {
        node.with("pool_int64s", pool).on(x);
      } else {
        String[] names = Arrays.stream(pool).mapToObj(n -> "w" + n).toArray(String[]::new);
        String[] text =
            Arrays.stream(x.toLongArray()).mapToObj(n -> "w" + n).toArray(String[]::new);
        node.with("pool_strings", names).on(text, 4, 10);
      }
      same(node, 1);
    }
  }

  @Test
  void boundsWhatStringsTake() {
    Graphs body = new Graphs().opset(20);
    body.graph.addInput(Graphs.info("i", ElementType.INT64));
    body.graph.addInput(Graphs.info("go", ElementType.BOOL));
    body.graph.addInput(Graphs.info("s", ElementType.STRING));
    body.node("StringConcat", "double", "s s", "t")
        .node("Identity", "id", "go", "more")
        .output("more", ElementType.BOOL)
        .output("t", ElementType.STRING);
    Graphs graphs = new Graphs().opset(20).weight("trips", Torch.full(DType.I64, 60));
    graphs.graph.addInput(Graphs.info("s", ElementType.STRING));
    OnnxModule module =
        graphs
            .weight("yes", Torch.ones(DType.BOOL))
            .node("Loop", "loop", "trips yes s", "y", Graphs.body("body", body))
            .output("y", ElementType.STRING)
            .load();
    OnnxValue x = OnnxValue.of(List.of("twice as long each time"));
    TorchException e = assertThrows(TorchException.class, () -> module.run(List.of(x)));
    assertTrue(e.getMessage().contains(Limits.HEAP), e.getMessage());
  }
}
