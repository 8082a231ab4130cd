package dev.flambeau.zoo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the commands print and write. */
class OutputTest {
  @TempDir Path folder;

  @Test
  void barsAreProportional() {
    List<Prediction> two = List.of(new Prediction("food", 0.75), new Prediction("other", 0.2503));
    String[] ascii = new Bars(false, false).text("a.jpg", two).split("\\R");
    assertEquals("a.jpg", ascii[0]);
    assertEquals("  food   0.750  " + "#".repeat(30), ascii[1]);
    assertEquals("  other  0.250  " + "#".repeat(10), ascii[2]);
    String[] blocks = new Bars(true, false).text("a.jpg", two).split("\\R");
    assertEquals("  food   0.750  " + "\u2588".repeat(30), blocks[1]);
    assertEquals("  other  0.250  " + "\u2588".repeat(10), blocks[2]);
    String eighth = new Bars(true, false).text("f", List.of(new Prediction("x", 1 / 320.0)));
    assertTrue(eighth.contains("\u258f"), eighth);
  }

  @Test
  void everyCommandExplainsItself() {
    for (String command : List.of("", "classify", "similar", "zoo", "zoo list", "zoo pull")) {
      Cli got = Cli.run((command + " --help").strip().split(" "));
      assertEquals(0, got.code(), got.err());
      String usage = ("Usage: flambeau " + command).strip();
      assertTrue(got.out().startsWith(usage), got.out());
    }
  }

  @Test
  void coloursOnlyWhereAsked() {
    List<Prediction> one = List.of(new Prediction("food", 0.5));
    assertFalse(new Bars(true, false).text("a", one).contains("\u001b"));
    assertTrue(new Bars(true, true).text("a", one).contains("\u001b[36m"));
  }

  @Test
  void softmaxOnlyForLogits() {
    double[] uniform = Classifier.probabilities(Torch.tensor(new float[] {3, 3, 3, 3}, 1, 4));
    assertArrayEquals(new double[] {0.25, 0.25, 0.25, 0.25}, uniform, 1e-9);
    double[] kept = Classifier.probabilities(Torch.tensor(new float[] {0.7f, 0.301f}, 1, 2, 1, 1));
    assertArrayEquals(new double[] {0.7, 0.301}, kept, 1e-6);
    double[] negative = Classifier.probabilities(Torch.tensor(new double[] {-1, 2}));
    assertEquals(1 / (1 + Math.exp(3)), negative[0], 1e-9);
    assertThrows(
        TorchException.class,
        () -> Classifier.probabilities(Torch.tensor(new float[] {0, 0f / 0})));
  }

  @Test
  void theTableIsAligned() {
    List<String> texts =
        List.of("short", "a text that is a good deal longer than fits in a row of it");
    float[][] matrix = {{1, -0.25f}, {-0.25f, 1}};
    String[] lines = SimilarCommand.table(texts, matrix).split("\\R");
    assertEquals(3, lines.length);
    assertEquals(lines[0].length(), lines[1].length());
    assertEquals(lines[0].length(), lines[2].length());
    assertTrue(lines[1].startsWith("1  short "), lines[1]);
    assertTrue(lines[1].endsWith("   1.0000  -0.2500"), lines[1]);
    assertTrue(lines[2].contains("..."), lines[2]);
  }

  @Test
  void theAnnotatedPictureKeepsEveryPixel() throws IOException {
    BufferedImage picture = new BufferedImage(320, 240, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 320 * 240; i++) {
      picture.setRGB(i % 320, i / 320, i * 97);
    }
    Annotator annotator = new Annotator(folder.resolve("out"));
    Prediction best = new Prediction("golden retriever", 0.5);
    Path first = annotator.write("a/dog.jpg", picture, best);
    Path second = annotator.write("https://example.org/b/dog.png?x=1", picture, best);
    assertEquals("dog-annotated.png", first.getFileName().toString());
    assertEquals("dog-annotated-2.png", second.getFileName().toString());
    BufferedImage got = ImageIO.read(first.toFile());
    assertEquals(320, got.getWidth());
    assertTrue(got.getHeight() >= 280, "a strip below: " + got.getHeight());
    for (int i = 0; i < 320 * 240; i++) {
      assertEquals(picture.getRGB(i % 320, i / 320), got.getRGB(i % 320, i / 320));
    }
    int light = 0;
    for (int i = 320 * 240; i < 320 * got.getHeight(); i++) {
      light += (got.getRGB(i % 320, i / 320) & 0xff) > 0xe0 ? 1 : 0;
    }
    assertTrue(light > 300, "letters on the strip: " + light + " light pixels");
    try (var files = Files.list(folder.resolve("out"))) {
      assertEquals(2, files.count(), "no partial file is left");
    }
  }

  @Test
  void aFolderThatCannotBeWritten() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    BufferedImage picture = new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB);
    Annotator annotator = new Annotator(file);
    UserError e =
        assertThrows(
            UserError.class, () -> annotator.write("a.jpg", picture, new Prediction("a", 1)));
    assertTrue(e.getMessage().contains("--annotate"), e.getMessage());
  }
}
