package dev.flambeau.tutorials;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.torch.data.TensorDataset;
import dev.flambeau.torch.train.EpochResult;
import dev.flambeau.vision.datasets.FashionMnist;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingTest {
  private static final Path ROOT = Path.of(System.getProperty("flambeau.root", ".."));

  @TempDir Path folder;

  @Test
  void goesOnWhereItEnded() throws IOException {
    QuickstartTest.write(folder, "train", 640);
    QuickstartTest.write(folder, "t10k", 200);
    TensorDataset train = FashionMnist.train(folder);
    TensorDataset test = FashionMnist.test(folder);
    Path out = folder.resolve("out");
    List<EpochResult> first = Training.train(train, test, out, 1);
    List<EpochResult> all = Training.train(train, test, out, 3);
    assertEquals(first, all.subList(0, 1));
    assertEquals(3, all.size());
    assertEquals(30, all.getLast().steps());
    double accuracy = all.getLast().metrics().get("val_accuracy");
    assertTrue(accuracy > 0.9, "accuracy " + accuracy);
    assertTrue(Files.exists(out.resolve("report.html")));
    String table = Training.profile(train);
    assertTrue(table.contains("conv2d") && table.contains("batch_norm"), table);
  }

  @Test
  void pageShowsTheLesson() throws IOException {
    String page = read("docs/training.md");
    String lesson = read("tutorials/src/main/java/dev/flambeau/tutorials/Training.java");
    for (String part : List.of("Training", "Profile")) {
      int begin = lesson.indexOf("// " + part + " begins\n");
      int end = lesson.indexOf("// " + part + " ends");
      assertTrue(begin >= 0 && end > begin, part);
      String code = lesson.substring(lesson.indexOf('\n', begin) + 1, end).stripIndent();
      assertTrue(page.contains("```java\n" + code.stripTrailing() + "\n```"), part);
    }
  }

  private static String read(String file) throws IOException {
    return Files.readString(ROOT.resolve(file)).replace("\r\n", "\n");
  }
}
