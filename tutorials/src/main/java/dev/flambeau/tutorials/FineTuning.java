package dev.flambeau.tutorials;

import static dev.flambeau.torch.Torch.manualSeed;
import static dev.flambeau.torch.Torch.noGrad;

import dev.flambeau.onnx.Onnx;
import dev.flambeau.onnx.Verification;
import dev.flambeau.text.Encoding;
import dev.flambeau.text.Tokenizer;
import dev.flambeau.text.TokenizerOptions;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.nn.functional.F;
import dev.flambeau.torch.optim.AdamW;
import dev.flambeau.zoo.Entry;
import dev.flambeau.zoo.Fetcher;
import dev.flambeau.zoo.Progress;
import dev.flambeau.zoo.Registry;
import dev.flambeau.zoo.Source;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * MiniLM's ONNX file, made for comparing sentences, learns to tell spam from other mail: imported
 * as a module, given a new head, trained, exported again and verified in ONNX Runtime.
 */
public final class FineTuning {
  private static final int BATCH = 16;

  /** Tokens of a text, filled up or cut off: its beginning tells enough. */
  private static final int LENGTH = 64;

  private final SpamFilter model;
  private final Tokenizer tokenizer;

  private FineTuning(SpamFilter model, Tokenizer tokenizer) {
    this.model = model;
    this.tokenizer = tokenizer;
  }

  /** The shares of test mails judged right, and what ONNX Runtime says of the exported file. */
  record Result(double before, double headOnly, double after, Verification verification) {}

  /** Trains on 600 mails, tests on 400 others; takes some minutes on two processor cores. */
  public static void main(String[] arguments) throws IOException {
    Fetcher fetcher = new Fetcher(Fetcher.defaultDirectory(), false, Progress.console());
    Entry entry = Registry.find("all-MiniLM-L6-v2");
    Path network = fetch(fetcher, entry, "model");
    Path mails = fetcher.fetch(Source.parse(Mail.SOURCE), Mail.SHA256);
    List<Mail> all = Mail.read(mails, 1000, 1);
    Path out = Files.createDirectories(Path.of("fine-tuning-out")).resolve("spam.onnx");
    try (Tokenizer tokenizer = tokenizer(fetch(fetcher, entry, "tokenizer"))) {
      Result result =
          run(network, tokenizer, all.subList(0, 600), all.subList(600, all.size()), out);
      System.out.printf(
          "accuracy %.1f%% before, %.1f%% with a trained head, %.1f%% fine-tuned%n%s%n%s%n",
          100 * result.before,
          100 * result.headOnly,
          100 * result.after,
          result.verification,
          out.toAbsolutePath());
    }
  }

  private static Path fetch(Fetcher fetcher, Entry entry, String role) {
    Entry.RemoteFile file = entry.files().get(role);
    return fetcher.fetch(file.source(), file.sha256());
  }

  static Tokenizer tokenizer(Path file) throws IOException {
    return Tokenizer.load(
        file, o -> o.maxLength(LENGTH).padding(TokenizerOptions.Padding.MAX_LENGTH));
  }

  static Result run(
      Path network, Tokenizer tokenizer, List<Mail> train, List<Mail> test, Path out) {
    // Fine-tuning begins
    manualSeed(0);
    SpamFilter model = new SpamFilter(Onnx.load(network));
    FineTuning lesson = new FineTuning(model, tokenizer);
    double before = lesson.accuracy(test);

    model.encoder.freeze("*");
    lesson.train(train, 3, 1e-2);
    double headOnly = lesson.accuracy(test);

    model.encoder.unfreeze("encoder.layer.4.*", "encoder.layer.5.*");
    lesson.train(train, 2, 2e-4);
    double after = lesson.accuracy(test);

    List<Tensor> example = lesson.inputs(test.subList(0, 1));
    Onnx.export(
        model,
        in -> List.of(model.forward(in.get(0), in.get(1))),
        example,
        out,
        o -> o.inputNames("ids", "mask").outputNames("scores").dynamicAxis(0, "mails"));
    List<Tensor> several = lesson.inputs(test.subList(0, 8));
    Verification verification =
        Onnx.verify(out, Map.of("ids", several.get(0), "mask", several.get(1)));
    return new Result(before, headOnly, after, verification);
    // Fine-tuning ends
  }

  /** Some rounds over the mails, with steps that get ever smaller. */
  private void train(List<Mail> mails, int rounds, double rate) {
    // Training begins
    List<Tensor> trained = model.parameters().stream().filter(Tensor::requiresGrad).toList();
    AdamW optimizer = new AdamW(trained, o -> o.lr(rate));
    int steps = rounds * ((mails.size() + BATCH - 1) / BATCH);
    int step = 0;
    model.train();
    for (int round = 0; round < rounds; round++) {
      for (List<Mail> batch : batches(mails)) {
        double left = 1 - (double) step++ / steps;
        optimizer.groups().forEach(group -> group.options().lr(rate * left));
        List<Tensor> in = inputs(batch);
        optimizer.step(() -> F.crossEntropy(model.forward(in.get(0), in.get(1)), targets(batch)));
      }
    }
    // Training ends
  }

  private double accuracy(List<Mail> mails) {
    model.eval();
    long right = 0;
    for (List<Mail> batch : batches(mails)) {
      List<Tensor> in = inputs(batch);
      Tensor guess = noGrad(() -> model.forward(in.get(0), in.get(1)).argmax(1));
      right += guess.eq(targets(batch)).sum().itemLong();
    }
    return (double) right / mails.size();
  }

  private static List<List<Mail>> batches(List<Mail> mails) {
    List<List<Mail>> batches = new ArrayList<>();
    for (int i = 0; i < mails.size(); i += BATCH) {
      batches.add(mails.subList(i, Math.min(mails.size(), i + BATCH)));
    }
    return batches;
  }

  private static Tensor targets(List<Mail> mails) {
    long[] targets = mails.stream().mapToLong(mail -> mail.spam() ? 1 : 0).toArray();
    return Torch.tensor(targets, targets.length);
  }

  /** Token numbers and mask. */
  private List<Tensor> inputs(List<Mail> mails) {
    Encoding e = tokenizer.encodeBatch(mails.stream().map(Mail::text).toList());
    return List.of(e.inputIds(), e.attentionMask());
  }
}
