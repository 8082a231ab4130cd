package dev.flambeau.tutorials;

import static dev.flambeau.torch.Torch.manualSeed;
import static dev.flambeau.torch.Torch.noGrad;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.data.DataLoader;
import dev.flambeau.torch.data.Example;
import dev.flambeau.torch.data.TensorDataset;
import dev.flambeau.torch.nn.functional.F;
import dev.flambeau.torch.optim.AdamW;
import dev.flambeau.torch.serialize.Safetensors;
import dev.flambeau.torch.train.ProgressBar;
import dev.flambeau.vision.datasets.FashionMnist;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Trains a small network to tell clothes apart: data, model, loss, optimizer, in that order. */
@Command(
    name = "quickstart",
    mixinStandardHelpOptions = true,
    description = "Trains a convolutional network on Fashion-MNIST, plots and saves it.")
public final class Quickstart implements Callable<Integer> {
  private static final double LEARNING_RATE = 2e-3;

  @Option(
      names = "--epochs",
      paramLabel = "N",
      defaultValue = "5",
      description = "rounds over the training pictures (${DEFAULT-VALUE})")
  private int epochs;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      defaultValue = "data/fashion-mnist",
      description = "folder of the data set, downloaded where missing (${DEFAULT-VALUE})")
  private Path data;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = "quickstart-out",
      description = "folder for model and plot (${DEFAULT-VALUE})")
  private Path out;

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "use only the first N pictures of each part (all)")
  private long limit = Long.MAX_VALUE;

  /** Runs the lesson; exit code 2 and one line for what the user can mend. */
  public static void main(String[] arguments) {
    System.setProperty("java.awt.headless", "true");
    System.exit(run(arguments));
  }

  static int run(String... arguments) {
    return new CommandLine(new Quickstart())
        .setExecutionExceptionHandler(
            (error, command, _) -> {
              if (error instanceof IOException || error instanceof TorchException) {
                // The messages of the JDK's own kinds are half a sentence without the name.
                boolean whole =
                    error instanceof TorchException || error.getClass() == IOException.class;
                command.getErr().println("quickstart: " + (whole ? error.getMessage() : error));
                return 2;
              }
              throw error;
            })
        .execute(arguments);
  }

  @Override
  public Integer call() throws IOException {
    if (epochs < 1 || limit < 1) {
      throw TorchException.argument("quickstart", "--epochs, --limit", epochs + ", " + limit, "1+");
    }
    Path folder = FashionMnist.find(data, System.out::println);
    TensorDataset train = first(FashionMnist.train(folder));
    TensorDataset test = first(FashionMnist.test(folder));

    manualSeed(0);
    ClothesNet model = new ClothesNet();
    AdamW optimizer = new AdamW(model.parameters(), o -> o.lr(LEARNING_RATE));
    DataLoader<Example> batches =
        new DataLoader<>(train, o -> o.batchSize(64).shuffle(true).workers(1));

    List<Double> losses = new ArrayList<>();
    List<Double> accuracies = new ArrayList<>();
    for (int epoch = 1; epoch <= epochs; epoch++) {
      ProgressBar bar =
          new ProgressBar(System.out, "epoch " + epoch + "/" + epochs, "pictures", train.size());
      losses.add(trainOnce(epoch, model, optimizer, batches, bar));
      accuracies.add(accuracy(model, test));
      bar.end(losses.getLast(), percent(accuracies.getLast()));
    }

    Files.createDirectories(out);
    Safetensors.save(model.stateDict(), out.resolve("clothes.safetensors"));
    Plot.save(losses, accuracies, out.resolve("training.png"));
    System.out.printf("model and plot are in %s%n", out.toAbsolutePath());
    return 0;
  }

  /** One round over the training pictures; returns their mean loss. */
  private double trainOnce(
      int epoch, ClothesNet model, AdamW optimizer, DataLoader<Example> batches, ProgressBar bar) {
    model.train();
    double sum = 0;
    long done = 0;
    int step = 0;
    for (Example batch : batches) {
      // Large steps first, ever smaller ones to settle.
      double trained = (epoch - 1 + (double) step++ / batches.size()) / epochs;
      optimizer.groups().forEach(group -> group.options().lr(LEARNING_RATE * (1 - trained)));
      Tensor loss =
          optimizer.step(
              () -> F.crossEntropy(model.forward(scaled(batch.input())), batch.target()));
      sum += loss.item() * batch.target().numel();
      done += batch.target().numel();
      bar.update(done, sum / done);
    }
    return sum / done;
  }

  /** The share of pictures whose class gets the highest score. */
  static double accuracy(ClothesNet model, TensorDataset pictures) {
    model.eval();
    long right = 0;
    for (Example batch : new DataLoader<>(pictures, o -> o.batchSize(500))) {
      Tensor guess = noGrad(() -> model.forward(scaled(batch.input())).argmax(1));
      right += guess.eq(batch.target()).sum().itemLong();
    }
    return (double) right / pictures.size();
  }

  /** Bytes 0..255 to numbers around 0. */
  private static Tensor scaled(Tensor bytes) {
    return bytes.to(DType.F32).div(127.5).sub(1);
  }

  private TensorDataset first(TensorDataset all) {
    long n = Math.min(limit, all.size());
    return new TensorDataset(all.inputs().narrow(0, 0, n), all.targets().narrow(0, 0, n));
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "test accuracy %.2f%%", 100 * share);
  }
}
