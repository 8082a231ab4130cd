package dev.flambeau.tutorials;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.onnx.Onnx;
import dev.flambeau.onnx.OnnxModule;
import dev.flambeau.text.Tokenizer;
import dev.flambeau.zoo.Entry;
import dev.flambeau.zoo.Fetcher;
import dev.flambeau.zoo.Progress;
import dev.flambeau.zoo.Registry;
import dev.flambeau.zoo.Source;
import dev.flambeau.zoo.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FineTuningTest {
  private static final Path ROOT = Path.of(System.getProperty("flambeau.root", ".."));

  @TempDir Path folder;

  /** A file of the lesson; without it and without a network the test is skipped. */
  private static Path fetched(Source source, String sha256) {
    try {
      return new Fetcher(Fetcher.defaultDirectory(), false, Progress.console())
          .fetch(source, sha256);
    } catch (UserError e) {
      System.out.println("skipped: " + e.getMessage());
      return Assumptions.abort(e.getMessage());
    }
  }

  private static Path miniLm(String role) {
    Entry.RemoteFile file = Registry.find("all-MiniLM-L6-v2").files().get(role);
    return fetched(file.source(), file.sha256());
  }

  /** The lesson with few mails. */
  @Test
  void learnsToTellSpam() throws IOException {
    Path network = miniLm("model");
    List<Mail> mails = Mail.read(fetched(Source.parse(Mail.SOURCE), Mail.SHA256), 160, 1);
    assertEquals(80, mails.stream().filter(Mail::spam).count());
    Path out = folder.resolve("spam.onnx");
    FineTuning.Result result;
    try (Tokenizer tokenizer = FineTuning.tokenizer(miniLm("tokenizer"))) {
      result =
          FineTuning.run(network, tokenizer, mails.subList(0, 96), mails.subList(96, 160), out);
    }
    System.out.println(result);
    assertTrue(result.before() < 0.7, "accuracy before " + result.before());
    assertTrue(result.after() > 0.8, "accuracy after " + result.after());
    assertTrue(result.after() > result.before() + 0.15, result::toString);
    assertTrue(result.verification().largest() < 1e-4, () -> "" + result.verification());
    assertEquals(List.of(), Onnx.check(out));
    OnnxModule back = Onnx.load(out);
    assertEquals(List.of("mails", "64"), back.inputSizes(0).orElseThrow());
    assertTrue(back.namedParameters().containsKey("head.weight"));
  }

  @Test
  void headerAndTagsAreLeftOut() {
    String mail = "From a@b\nsubject: Big\n  money\nX-Spam: yes\n\n<b>Dear</b>\n\nfriend";
    assertEquals("Big\nDear friend", Mail.content(mail));
    assertFalse(Mail.content(mail).contains("X-Spam"));
  }

  @Test
  void pageShowsTheLesson() throws IOException {
    String page = read("docs/fine-tuning.md");
    String lesson = read("tutorials/src/main/java/dev/flambeau/tutorials/FineTuning.java");
    for (String part : List.of("Fine-tuning", "Training")) {
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
