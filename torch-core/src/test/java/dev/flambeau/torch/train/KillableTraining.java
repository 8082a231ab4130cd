package dev.flambeau.torch.train;

import dev.flambeau.torch.Generator;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.data.DataLoader;
import dev.flambeau.torch.data.Dataset;
import dev.flambeau.torch.data.Example;
import dev.flambeau.torch.nn.BatchNorm2d;
import dev.flambeau.torch.nn.Conv2d;
import dev.flambeau.torch.nn.Dropout;
import dev.flambeau.torch.nn.Linear;
import dev.flambeau.torch.nn.Module;
import dev.flambeau.torch.nn.functional.F;
import dev.flambeau.torch.optim.SGD;
import dev.flambeau.torch.serialize.Safetensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** The training that {@link KillTest} kills: folder of checkpoints, file for the final weights. */
final class KillableTraining {
  private KillableTraining() {}

  static final class Net extends Module {
    final Conv2d conv = new Conv2d(1, 6, 3);
    final BatchNorm2d norm = new BatchNorm2d(6);
    final Dropout dropout = new Dropout(0.3);
    final Linear scores = new Linear(6 * 6 * 6, 4);

    @Override
    public Tensor forward(Tensor x) {
      return scores.call(dropout.call(norm.call(conv.call(x)).relu().flatten(1, -1)));
    }
  }

  /** Noise that depends on the class; each sample from its own stream, whichever thread asks. */
  static Dataset<Example> data(long size, long seed) {
    return Dataset.of(
        size,
        i -> {
          Generator own = new Generator(seed + i);
          float[] pixels = new float[64];
          for (int k = 0; k < pixels.length; k++) {
            pixels[k] = (float) (own.normal() + (k % 4 == i % 4 ? 0.5 : 0));
          }
          return Example.of(Torch.tensor(pixels).reshape(1, 8, 8), i % 4);
        });
  }

  public static void main(String[] arguments) throws IOException {
    Torch.manualSeed(7);
    Net net = new Net();
    SGD optimizer = new SGD(net.parameters(), o -> o.lr(0.05).momentum(0.9));
    double[] rate = {0.05};
    Trainer<Example> trainer =
        Trainer.supervised(
            net,
            F::crossEntropy,
            optimizer,
            o ->
                o.metric("accuracy", Metric.accuracy())
                    .accumulate(2)
                    .clipGradNorm(1)
                    .everyStep(
                        () -> {
                          rate[0] *= 0.99;
                          optimizer.groups().getFirst().options().lr(rate[0]);
                        })
                    .state(
                        "rate",
                        Stateful.of(
                            () -> Map.of("rate", rate[0]), s -> rate[0] = (Double) s.get("rate")))
                    .keepBest(Goal.highest("val_accuracy"))
                    .checkpoints(Path.of(arguments[0]), c -> c.everySteps(2).resume(true))
                    .callback(new Announcer()));
    trainer.fit(
        new DataLoader<>(data(100, 0), l -> l.batchSize(8).shuffle(true).workers(2)),
        new DataLoader<>(data(20, 1000), l -> l.batchSize(8)),
        12);
    Safetensors.save(net.stateDict(), Path.of(arguments[1]));
  }

  private static final class Announcer implements Callback {
    @Override
    public void trainingStarts(Progress progress) {
      System.out.println("from " + progress.step());
    }

    @Override
    public void stepDone(Progress progress) {
      System.out.println("step " + progress.step());
    }
  }
}
