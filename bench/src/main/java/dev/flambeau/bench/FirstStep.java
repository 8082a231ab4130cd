package dev.flambeau.bench;

import dev.flambeau.torch.Torch;
import dev.flambeau.torch.nn.functional.F;
import dev.flambeau.torch.optim.SGD;
import dev.flambeau.vision.models.ResNet;
import java.io.IOException;
import java.util.List;
import java.util.Locale;

/**
 * How long a user waits for the first batch: from the start of a fresh JVM to the end of its first
 * training step of ResNet-18, batch 16, weights and pictures made on the way.
 */
public final class FirstStep {
  private static final String LOSS = "loss";
  private static final int RUNS = 3;

  private FirstStep() {}

  /** What the fresh JVM runs. */
  static final class Fresh {
    private Fresh() {}

    public static void main(String[] args) {
      var task = Task.RESNET18_TRAINING;
      var model = ResNet.resnet18();
      var optimizer =
          new SGD(model.parameters(), o -> o.lr(task.learningRate()).momentum(Task.MOMENTUM));
      var pictures = Torch.randn(task.input.shape(task.batch));
      var targets = Torch.tensor(Fixture.targets(task), task.batch);
      var loss = optimizer.step(() -> F.crossEntropy(model.forward(pictures), targets));
      System.out.println(LOSS + " " + loss.item());
    }
  }

  /** Prints the seconds of each of three fresh JVMs; {@code bench.threads} as in {@link Bench}. */
  public static void main(String[] args) throws IOException {
    int threads = Bench.threads();
    for (int run = 0; run < RUNS; run++) {
      long start = System.nanoTime();
      try (var child = new Child("Flambeau", threads, List.of(), Fresh.class)) {
        var loss = child.next(LOSS);
        double seconds = (System.nanoTime() - start) / 1e9;
        System.out.printf(
            Locale.ROOT, "%.2f s to the end of the first step, loss %s%n", seconds, loss);
      }
    }
  }
}
