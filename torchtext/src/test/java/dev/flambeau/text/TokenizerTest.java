package dev.flambeau.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.text.TokenizerOptions.Padding;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.TorchException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A WordPiece vocabulary of ten tokens, small enough to work out every result by hand. */
class TokenizerTest {
  private static final String PADDING =
      """
      "padding": {"strategy": {"Fixed": 16}, "direction": "%s", "pad_to_multiple_of": null,
        "pad_id": 9, "pad_type_id": 0, "pad_token": "[PAD]"},\
      """;
  private static final String TRUNCATION =
      """
      "truncation": {"direction": "Right", "max_length": %d, "strategy": "LongestFirst", "stride": 0},\
      """;
  private static final String RULES =
      """
      "added_tokens": [
        {"id": 9, "content": "[PAD]", "single_word": false, "lstrip": false, "rstrip": false,
         "normalized": false, "special": true},
        {"id": 1, "content": "[CLS]", "single_word": false, "lstrip": false, "rstrip": false,
         "normalized": false, "special": true},
        {"id": 2, "content": "[SEP]", "single_word": false, "lstrip": false, "rstrip": false,
         "normalized": false, "special": true}],
      "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
        "strip_accents": null, "lowercase": true},
      "pre_tokenizer": {"type": "BertPreTokenizer"},
      "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 2], "cls": ["[CLS]", 1]},
      "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": true},
      "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
        "max_input_chars_per_word": 100,
        "vocab": {"[UNK]": 0, "[CLS]": 1, "[SEP]": 2, "a": 3, "cat": 4, "##s": 5, "play": 6,
          "##ing": 7, ".": 8, "[PAD]": 9}}}\
      """;

  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void write() throws IOException {
    file = file(TRUNCATION.formatted(8) + PADDING.formatted("Right"));
  }

  private Path file(String settings) throws IOException {
    return Files.writeString(
        folder.resolve("tokenizer.json"), "{\"version\": \"1.0\"," + settings + RULES);
  }

  @Test
  void oneTextIsOneRow() throws IOException {
    try (Tokenizer tokenizer = Tokenizer.load(file)) {
      Encoding got = tokenizer.encode("Cats playing a dog.");
      assertEquals(DType.I64, got.inputIds().dtype());
      assertArrayEquals(new long[] {1, 8}, got.inputIds().shape().sizes());
      assertArrayEquals(new long[] {1, 4, 5, 6, 7, 3, 0, 2}, got.inputIds().toLongArray());
      assertArrayEquals(new long[] {1, 1, 1, 1, 1, 1, 1, 1}, got.attentionMask().toLongArray());
      assertArrayEquals(new long[8], got.tokenTypeIds().toLongArray());
      assertEquals(
          List.of("[CLS]", "cat", "##s", "[SEP]"), tokenizer.tokenize("cats"), "tokens as written");
      assertEquals("cats playing a.", tokenizer.decode(1, 4, 5, 6, 7, 3, 8, 2));
      assertEquals("[CLS] cat", tokenizer.decode(new long[] {1, 4}, false));
    }
  }

  @Test
  void shorterTextsAreFilledToTheLongest() throws IOException {
    try (Tokenizer tokenizer = Tokenizer.load(file)) {
      Encoding got = tokenizer.encodeBatch(List.of("a cat", "", "a"));
      assertArrayEquals(new long[] {3, 4}, got.inputIds().shape().sizes());
      assertArrayEquals(
          new long[] {1, 3, 4, 2, 1, 2, 9, 9, 1, 3, 2, 9}, got.inputIds().toLongArray());
      assertArrayEquals(
          new long[] {1, 1, 1, 1, 1, 1, 0, 0, 1, 1, 1, 0}, got.attentionMask().toLongArray());
    }
  }

  @Test
  void fillingOnTheLeftIsReadFromTheFile() throws IOException {
    try (Tokenizer tokenizer = Tokenizer.load(file(PADDING.formatted("Left")))) {
      Encoding got = tokenizer.encodeBatch(List.of("a cat", "a"));
      assertArrayEquals(new long[] {1, 3, 4, 2, 9, 1, 3, 2}, got.inputIds().toLongArray());
      assertArrayEquals(new long[] {1, 1, 1, 1, 0, 1, 1, 1}, got.attentionMask().toLongArray());
    }
  }

  @Test
  void thePairHasTypeOne() throws IOException {
    try (Tokenizer tokenizer = Tokenizer.load(file)) {
      Encoding got = tokenizer.encode("a cat", "cat.");
      assertArrayEquals(new long[] {1, 3, 4, 2, 4, 8, 2}, got.inputIds().toLongArray());
      assertArrayEquals(new long[] {0, 0, 0, 0, 1, 1, 1}, got.tokenTypeIds().toLongArray());
    }
  }

  @Test
  void longTextsAreCut() throws IOException {
    String words = "cat ".repeat(2000);
    try (Tokenizer byFile = Tokenizer.load(file);
        Tokenizer byOption = Tokenizer.load(file, o -> o.maxLength(5));
        Tokenizer unlimited = Tokenizer.load(file(PADDING.formatted("Right")))) {
      assertEquals(8, byFile.encode(words).inputIds().size(1));
      assertArrayEquals(
          new long[] {1, 4, 4, 4, 2}, byOption.encode(words).inputIds().toLongArray());
      assertEquals(2002, unlimited.encode(words).inputIds().size(1));
    }
  }

  @Test
  void optionsOfFillingAndSpecialTokens() throws IOException {
    try (Tokenizer full =
            Tokenizer.load(file, o -> o.padding(Padding.MAX_LENGTH).specialTokens(false));
        Tokenizer none = Tokenizer.load(file, o -> o.padding(Padding.NONE))) {
      assertArrayEquals(
          new long[] {3, 4, 9, 9, 9, 9, 9, 9}, full.encode("a cat").inputIds().toLongArray());
      var e =
          assertThrows(
              TorchException.ShapeError.class, () -> none.encodeBatch(List.of("a", "a cat")));
      assertTrue(e.getMessage().contains("3 and 4 tokens"), e.getMessage());
      assertEquals(3, none.encodeBatch(List.of("a", "cat")).inputIds().size(1));
    }
    Path unlimited = file(PADDING.formatted("Right"));
    assertThrows(
        TorchException.ArgumentError.class,
        () -> Tokenizer.load(unlimited, o -> o.padding(Padding.MAX_LENGTH)));
    assertThrows(
        TorchException.ArgumentError.class, () -> Tokenizer.load(unlimited, o -> o.maxLength(0)));
  }

  @Test
  void unusableFilesAreNamed() throws IOException {
    Path missing = folder.resolve("none.json");
    assertTrue(
        assertThrows(NoSuchFileException.class, () -> Tokenizer.load(missing))
            .getMessage()
            .contains("none.json"));
    for (String content :
        List.of("", "[1, 2]", "{}", "{\"model\": {\"type\": \"WordPiece\", \"vocab\": ", "\0\1")) {
      unusable(content.getBytes(StandardCharsets.UTF_8));
    }
    unusable("{\"model\": {\"type\": \"NoSuchModel\"}}".getBytes(StandardCharsets.UTF_8));
    unusable(new byte[] {(byte) 0xff, (byte) 0xfe, 0, 1, 2});
    assertThrows(TorchException.FormatError.class, () -> Tokenizer.load(folder));
  }

  private void unusable(byte[] content) throws IOException {
    Path bad = Files.write(folder.resolve("bad.json"), content);
    var e = assertThrows(TorchException.FormatError.class, () -> Tokenizer.load(bad));
    assertTrue(e.getMessage().contains("bad.json"), e.getMessage());
    assertTrue(e.getMessage().contains("tokenizer.json"), e.getMessage());
  }

  @Test
  void wrongArguments() throws IOException {
    Tokenizer tokenizer = Tokenizer.load(file);
    assertThrows(TorchException.ArgumentError.class, () -> tokenizer.encodeBatch(List.of()));
    assertThrows(TorchException.ArgumentError.class, () -> tokenizer.decode(-1));
    assertEquals("", tokenizer.decode(12345), "an unknown number is left out");
    tokenizer.close();
    tokenizer.close();
    assertThrows(IllegalStateException.class, () -> tokenizer.encode("a"));
  }

  @Test
  void severalThreads() throws Exception {
    try (Tokenizer tokenizer = Tokenizer.load(file);
        var threads = Executors.newFixedThreadPool(4)) {
      Callable<long[]> work = () -> tokenizer.encode("cats playing").inputIds().toLongArray();
      var results = threads.invokeAll(Collections.nCopies(64, work));
      for (var result : results) {
        assertArrayEquals(new long[] {1, 4, 5, 6, 7, 2}, result.get());
      }
    }
  }

  /** DJL would fetch another build or report where it runs; both stay switched off. */
  @Test
  void theNetworkIsSwitchedOff() throws IOException {
    Tokenizer.load(file).close();
    assertEquals("true", ai.djl.util.Utils.getEnvOrSystemProperty("OPT_OUT_TRACKING"));
    assertEquals("cpu", ai.djl.util.Utils.getEnvOrSystemProperty("RUST_FLAVOR"));
  }
}
