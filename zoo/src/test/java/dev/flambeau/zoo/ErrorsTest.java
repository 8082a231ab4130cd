package dev.flambeau.zoo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import javax.imageio.ImageIO;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each mistake: one clear line that says what to do, and exit code 2. */
class ErrorsTest {
  private static final String CARD =
      """
      {"resize": 8, "crop": 8, "channels": "rgb", "scale": 0.00392156862745098,
       "mean": [0, 0, 0], "std": [1, 1, 1], "interpolation": "bilinear"}\
      """;

  @TempDir Path folder;
  private String picture;
  private String model;
  private String card;

  @BeforeEach
  void files() throws IOException {
    BufferedImage image = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 64 * 64; i++) {
      image.setRGB(i % 64, i / 64, i * 31);
    }
    Path file = folder.resolve("picture.jpg");
    ImageIO.write(image, "jpg", file.toFile());
    picture = file.toString();
    model = write("net.onnx", TinyOnnx.model("GlobalAveragePool", Map.of()));
    card = write("card.json", CARD.getBytes());
  }

  private String write(String name, byte[] content) throws IOException {
    return Files.write(folder.resolve(name), content).toString();
  }

  @Test
  void missingPicture() {
    Cli.run("classify", "no-such.jpg").refused("no such file: no-such.jpg", "sample:meal_1");
    Cli.run("classify", "sample:meel_1").refused("meel_1", "meal_1, meal_2");
    Cli.run("classify", folder.resolve("none/").toString()).refused("no such file");
  }

  @Test
  void emptyFolder() throws IOException {
    Path empty = Files.createDirectory(folder.resolve("empty"));
    Cli.run("classify", empty.toString()).refused("no pictures in folder", "jpg");
  }

  @Test
  void notAnImage() throws IOException {
    String text = write("letter.jpg", "Dear Sir or Madam".getBytes());
    Cli.run("classify", text, "--model", model, "--preprocess", card).refused("letter.jpg");
    String empty = write("empty.png", new byte[0]);
    Cli.run("classify", empty, "--model", model, "--preprocess", card).refused("empty.png");
  }

  @Test
  void truncatedJpeg() throws IOException {
    byte[] whole = Files.readAllBytes(Path.of(picture));
    for (int length : new int[] {whole.length / 2, whole.length - 10, 40}) {
      String cut = write("cut.jpg", Arrays.copyOf(whole, length));
      Cli.run("classify", cut, "--model", model, "--preprocess", card).refused("cut.jpg");
    }
  }

  @Test
  void theOtherPicturesAreStillShown() throws IOException {
    String bad = write("bad.jpg", "no".getBytes());
    Cli got = Cli.run("classify", bad, picture, "--model", model, "--preprocess", card, "--json");
    got.refused("bad.jpg");
    assertTrue(got.out().startsWith("[{\"file\":\"" + picture), got.out());
  }

  @Test
  void unknownModel() {
    Cli.run("classify", picture, "--model", "mobilenet_v3_smal")
        .refused("unknown model 'mobilenet_v3_smal'", "mobilenet_v3_small.triage", "zoo list");
    Cli.run("similar", "a", "--model", "all-minilm").refused("all-MiniLM-L6-v2", "zoo list");
    Cli.run("classify", picture, "--model", "all-MiniLM-L6-v2")
        .refused("sentence embedding", "mobilenet_v3_small.triage");
    Cli.run("similar", "a", "--model", "mobilenet_v3_small.triage")
        .refused("image classification", "all-MiniLM-L6-v2");
    Cli.run("classify", picture, "--model", "gone.onnx").refused("no such model file: gone.onnx");
  }

  @Test
  void unknownOperator() throws IOException {
    String odd = write("odd.onnx", TinyOnnx.model("Frobnicate", Map.of()));
    Cli.run("classify", picture, "--model", odd, "--preprocess", card)
        .refused("Frobnicate", "odd.onnx");
  }

  @Test
  void notOnnx() throws IOException {
    String garbage = write("garbage.onnx", "garbage, not a model at all".getBytes());
    Cli.run("classify", picture, "--model", garbage, "--preprocess", card).refused("garbage.onnx");
    byte[] whole = TinyOnnx.model("GlobalAveragePool", Map.of());
    String cut = write("cut.onnx", Arrays.copyOf(whole, whole.length / 2));
    Cli.run("classify", picture, "--model", cut, "--preprocess", card).refused("cut.onnx");
  }

  @Test
  void preprocessing() throws IOException {
    Cli.run("classify", picture, "--model", model)
        .refused("net.onnx", "--preprocess imagenet, caffe", "--save-card");
    Cli.run("classify", picture, "--model", model, "--preprocess", "caffee")
        .refused("'caffee'", "imagenet, caffe");
    String bad = write("bad.json", "{\"resize\": 8}".getBytes());
    Cli.run("classify", picture, "--model", model, "--preprocess", bad)
        .refused("bad.json", "a card has exactly");
  }

  @Test
  void labels() throws IOException {
    String two = write("two.txt", "a\nb".getBytes());
    Cli.run("classify", picture, "--model", model, "--preprocess", card, "--labels", two)
        .refused("2 names", "3 classes");
    Cli.run("classify", picture, "--model", model, "--labels", "none.txt")
        .refused("no such labels file: none.txt");
  }

  @Test
  void noNetwork() {
    Cli.run("classify", "http://127.0.0.1:1/dog.jpg").refused("127.0.0.1", "network");
    Cli.run("classify", "https://127.0.0.1:1/dog.jpg").refused("127.0.0.1", "network");
    Cli.run("classify", "https://example.org/dog.jpg", "--offline").refused("--offline");
    Cli.run("classify", "https:///dog.jpg").refused("not a URL");
  }

  @Test
  void commandLine() {
    Cli.run("classify").refused("PICTURE", "--help");
    Cli.run("classify", picture, "--top", "0").refused("--top is 0");
    Cli.run("classify", picture, "--top", "x").refused("--top", "'x'");
    Cli.run("clasify", picture).refused("clasify", "--help");
    Cli.run("similar").refused("TEXT");
  }

  @Test
  void verboseShowsWhere() {
    Cli got = Cli.run("classify", "no-such.jpg", "--verbose");
    assertEquals(2, got.code());
    assertTrue(got.err().contains("\tat dev.flambeau.zoo."), got.err());
  }

  @Test
  void emptyCacheOffline() throws Exception {
    Path home = Files.createDirectory(folder.resolve("home"));
    Cli.process(home, folder, "classify", "sample:meal_1", "--offline")
        .refused("not in the cache folder", "without --offline");
  }

  /** The package that npm would bring lies in the cache already, with other weights inside. */
  @Test
  void wrongChecksum() throws Exception {
    Path kept = folder.resolve("home/npm/qvac-classification-ggml-0.26.3.tgz");
    Files.createDirectories(kept.getParent());
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(new GZIPOutputStream(bytes))) {
      TarArchiveEntry entry =
          new TarArchiveEntry("package/weights/mobilenetv3_3class_v3_fp16.gguf");
      entry.setSize(4);
      tar.putArchiveEntry(entry);
      tar.write("GGUF".getBytes());
      tar.closeArchiveEntry();
    }
    Files.write(kept, bytes.toByteArray());
    org.junit.jupiter.api.Assumptions.assumeTrue(
        npm(), "skipped: without an npm client the package is not read from the cache");
    Cli.process(folder.resolve("home"), folder, "classify", picture)
        .refused("wrong checksum", "faaa680c62f9", "try again");
  }

  private static boolean npm() {
    return Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
        .anyMatch(p -> Files.isExecutable(Path.of(p, "npm")));
  }
}
