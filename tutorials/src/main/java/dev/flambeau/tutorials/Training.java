package dev.flambeau.tutorials;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.data.DataLoader;
import dev.flambeau.torch.data.Example;
import dev.flambeau.torch.data.TensorDataset;
import dev.flambeau.torch.logging.SummaryWriter;
import dev.flambeau.torch.nn.functional.F;
import dev.flambeau.torch.optim.AdamW;
import dev.flambeau.torch.profile.KeyAverages;
import dev.flambeau.torch.profile.Profiler;
import dev.flambeau.torch.train.EpochResult;
import dev.flambeau.torch.train.Goal;
import dev.flambeau.torch.train.Logs;
import dev.flambeau.torch.train.Metric;
import dev.flambeau.torch.train.Outcome;
import dev.flambeau.torch.train.Trainer;
import dev.flambeau.vision.datasets.FashionMnist;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The quickstart's network again, trained by a {@link Trainer}: it may be stopped at any moment and
 * goes on when started again; its progress is left as TensorBoard events and as a page.
 */
public final class Training {
  private static final int BATCH = 64;

  private Training() {}

  /** Trains five epochs in all, then shows where the time of three steps goes. */
  public static void main(String[] arguments) throws IOException {
    Path folder = FashionMnist.find(Path.of("data", "fashion-mnist"), System.out::println);
    Path out = Path.of("training-out");
    train(FashionMnist.train(folder), FashionMnist.test(folder), out, 5);
    System.out.println(profile(FashionMnist.train(folder)));
    System.out.printf("report, events and weights are in %s%n", out.toAbsolutePath());
  }

  static List<EpochResult> train(TensorDataset train, TensorDataset test, Path out, int epochs)
      throws IOException {
    // Training begins
    Torch.manualSeed(0);
    ClothesNet model = new ClothesNet();
    AdamW optimizer = new AdamW(model.parameters(), o -> o.lr(1e-3));
    try (SummaryWriter events = new SummaryWriter(out.resolve("events"))) {
      Trainer<Example> trainer =
          new Trainer<>(
              model,
              batch -> outcome(model, batch),
              optimizer,
              o ->
                  o.metric("accuracy", Metric.accuracy())
                      .clipGradNorm(1)
                      .checkpoints(out, c -> c.everySteps(200).resume(true))
                      .keepBest(Goal.highest("val_accuracy"))
                      .earlyStopping(Goal.lowest("val_loss"), 3)
                      .progress(System.out)
                      .callback(Logs.tensorBoard(events))
                      .callback(
                          Logs.report(
                              out.resolve("report.html"),
                              "A small network on Fashion-MNIST",
                              Map.of("optimizer", "AdamW", "lr", 1e-3, "batch size", BATCH))));
      return trainer.fit(
          new DataLoader<>(train, o -> o.batchSize(BATCH).shuffle(true).workers(1)),
          new DataLoader<>(test, o -> o.batchSize(500)),
          epochs);
    }
    // Training ends
  }

  /** Bytes 0..255 become numbers around 0. */
  private static Outcome outcome(ClothesNet model, Example batch) {
    Tensor scores = model.call(batch.input().to(DType.F32).div(127.5).sub(1));
    return Outcome.of(F.crossEntropy(scores, batch.target()), scores, batch.target());
  }

  /** What three steps spend most time on. */
  static String profile(TensorDataset data) {
    // Profile begins
    ClothesNet model = new ClothesNet();
    AdamW optimizer = new AdamW(model.parameters(), o -> o.lr(1e-3));
    var batches = new DataLoader<>(data, o -> o.batchSize(BATCH)).iterator();
    Profiler profiler = Profiler.start(o -> o.shapes(true).memory(true));
    try (profiler) {
      for (int step = 0; step < 3; step++) {
        Example batch = Profiler.recordFunction("loading", batches::next);
        optimizer.step(() -> outcome(model, batch).loss());
      }
    }
    return profiler.keyAverages().table(KeyAverages.Column.SELF_TIME, 12);
    // Profile ends
  }
}
