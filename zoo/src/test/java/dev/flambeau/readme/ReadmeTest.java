package dev.flambeau.readme;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.flambeau.torch.serialize.Safetensors;
import dev.flambeau.vision.models.MobileNetV3;
import dev.flambeau.zoo.UserError;
import dev.flambeau.zoo.Zoo;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What the README shows is what compiles and runs. */
class ReadmeTest {
  private static final Path ROOT = Path.of(System.getProperty("flambeau.root", ".."));

  /** A document with the line ends of a check-out on any system made equal. */
  static String read(String file) throws IOException {
    return Files.readString(ROOT.resolve(file)).replace("\r\n", "\n");
  }

  static String between(String text, String begin, String end) {
    int from = text.indexOf(begin);
    int to = text.indexOf(end, from + begin.length());
    assertTrue(from >= 0 && to > from, "'" + begin + "' ... '" + end + "' is missing");
    return text.substring(from + begin.length(), to);
  }

  @Test
  void showsTheExample() throws IOException {
    String source = "zoo/src/test/java/dev/flambeau/readme/ReadmeExample.java";
    String code = between(read(source), "// README begins\n", "// README ends");
    String readme = read("README.md");
    assertEquals(code.stripIndent(), between(readme, "```java\n", "```"));
    assertTrue(readme.contains("(" + source + ")"), "no link to " + source);
  }

  /** Each block names its file in the first line; white space may differ. */
  @Test
  void contributorsSeeRealCode() throws IOException {
    Matcher block =
        Pattern.compile("```java\n// (\\S+)\n(.+?)```", Pattern.DOTALL)
            .matcher(read("CONTRIBUTING.md"));
    int blocks = 0;
    for (; block.find(); blocks++) {
      String source = read(block.group(1)).replaceAll("\\s", "");
      assertTrue(source.contains(block.group(2).replaceAll("\\s", "")), block.group());
    }
    assertEquals(5, blocks);
  }

  @Test
  void linksLeadSomewhere() throws IOException {
    for (String document :
        List.of("README.md", "CONTRIBUTING.md", "docs/onnx.md", "docs/fine-tuning.md")) {
      Matcher link = Pattern.compile("]\\(([^)#]+)").matcher(read(document));
      while (link.find()) {
        if (!link.group(1).contains("://")) {
          Path target = ROOT.resolve(document).resolveSibling(link.group(1));
          assertTrue(Files.exists(target), document + ": " + link.group(1));
        }
      }
    }
  }

  @Test
  void namesTheTestCommand() throws IOException {
    List<String> lines = Files.readAllLines(ROOT.resolve(".ci/run"));
    assertTrue(read("README.md").contains("\n    " + lines.getLast() + "\n"));
  }

  @Test
  void exampleClassifiesAndLearns() throws IOException {
    try {
      Zoo.load("mobilenet_v3_small.triage");
      Zoo.sample("meal_1");
    } catch (UserError e) {
      System.out.println("skipped: " + e.getMessage());
      abort(e.getMessage());
    }
    Files.createDirectories(Path.of("target"));
    PrintStream console = System.out;
    ByteArrayOutputStream shown = new ByteArrayOutputStream();
    System.setOut(new PrintStream(shown, true, StandardCharsets.UTF_8));
    try {
      ReadmeExample.run();
    } finally {
      System.setOut(console);
    }
    String text = shown.toString(StandardCharsets.UTF_8);
    // 0.907 is torchvision's probability for this photo.
    Matcher food = Pattern.compile("tensor\\(\\[\\[(\\d\\.\\d+)").matcher(text);
    assertTrue(food.find(), text);
    assertEquals(0.907, Double.parseDouble(food.group(1)), 0.01);
    double[] losses =
        Pattern.compile("loss (\\d+\\D\\d+)")
            .matcher(text)
            .results()
            .mapToDouble(m -> Double.parseDouble(m.group(1).replace(',', '.')))
            .toArray();
    assertEquals(5, losses.length, text);
    assertEquals(-Math.log(Double.parseDouble(food.group(1))), losses[0], 1e-3, text);
    assertTrue(losses[4] < losses[0] / 2, text);
    MobileNetV3.small(3).loadStateDict(Safetensors.load(Path.of("target", "tuned.safetensors")));
  }
}
