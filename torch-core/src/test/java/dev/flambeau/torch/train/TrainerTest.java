package dev.flambeau.torch.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.data.DataLoader;
import dev.flambeau.torch.data.Example;
import dev.flambeau.torch.data.TensorDataset;
import dev.flambeau.torch.nn.Dropout;
import dev.flambeau.torch.nn.Linear;
import dev.flambeau.torch.nn.Module;
import dev.flambeau.torch.nn.Sequential;
import dev.flambeau.torch.nn.functional.F;
import dev.flambeau.torch.nn.utils.Clipping;
import dev.flambeau.torch.optim.Adam;
import dev.flambeau.torch.optim.NAdam;
import dev.flambeau.torch.optim.Optimizer;
import dev.flambeau.torch.optim.SGD;
import dev.flambeau.torch.optim.lr.CosineAnnealingLR;
import dev.flambeau.torch.optim.lr.ReduceLROnPlateau;
import dev.flambeau.torch.serialize.Checkpoint;
import dev.flambeau.torch.serialize.Safetensors;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TrainerTest {
  private static final long SAMPLES = 22;

  private static TensorDataset data() {
    Torch.manualSeed(3);
    Tensor x = Torch.randn(SAMPLES, 5);
    return new TensorDataset(x, x.sum(1).gt(0).to(DType.I64));
  }

  private static DataLoader<Example> loader() {
    return new DataLoader<>(data(), o -> o.batchSize(4).shuffle(true).seed(11));
  }

  private static Module net() {
    Torch.manualSeed(1);
    return new Sequential(new Linear(5, 8), new Dropout(0.2), new Linear(8, 2));
  }

  private static float[] weights(Module model) {
    List<Tensor> all = new ArrayList<>();
    model.parameters().forEach(p -> all.add(p.detach().reshape(p.numel())));
    return Torch.cat(all, 0).toFloatArray();
  }

  private static float[] trained(
      Function<List<Tensor>, Optimizer<?>> optimizer, Consumer<TrainerOptions> options, int epochs)
      throws IOException {
    Module model = net();
    Trainer.supervised(model, F::crossEntropy, optimizer.apply(model.parameters()), options)
        .fit(loader(), epochs);
    return weights(model);
  }

  private static SGD sgd(List<Tensor> parameters) {
    return new SGD(parameters, o -> o.lr(0.1).momentum(0.9));
  }

  @Test
  void isThePlainLoop() throws IOException {
    Module model = net();
    SGD optimizer = sgd(model.parameters());
    DataLoader<Example> loader = loader();
    for (int epoch = 0; epoch < 2; epoch++) {
      List<Example> batches = new ArrayList<>();
      loader.forEach(batches::add);
      for (int first = 0; first < batches.size(); first += 4) {
        List<Example> group = batches.subList(first, Math.min(first + 4, batches.size()));
        optimizer.zeroGrad();
        for (Example b : group) {
          F.crossEntropy(model.forward(b.input()), b.target()).div(group.size()).backward();
        }
        Clipping.clipGradNorm_(model.parameters(), 0.5);
        Clipping.clipGradValue_(model.parameters(), 0.2);
        optimizer.step();
      }
    }
    float[] plain = weights(model);
    Consumer<TrainerOptions> same = o -> o.accumulate(4).clipGradNorm(0.5).clipGradValue(0.2);
    assertArrayEquals(plain, trained(TrainerTest::sgd, same, 2));
    assertArrayEquals(
        plain, trained(TrainerTest::sgd, same.andThen(o -> o.scoped(false)), 2), "without scopes");
  }

  @Test
  void metricsAreMeansOverSamples() throws IOException {
    Module model = net();
    Trainer<Example> trainer =
        Trainer.supervised(
            model,
            F::crossEntropy,
            new SGD(model.parameters(), o -> o.lr(0)),
            o -> o.metric("right", Metric.accuracy()).metric("both", Metric.accuracy(2)));
    TensorDataset data = data();
    DataLoader<Example> one = new DataLoader<>(data, o -> o.batchSize((int) SAMPLES));
    EpochResult result = trainer.fit(loader(), one, 1).getFirst();
    model.eval();
    Tensor output = Torch.noGrad(() -> model.forward(data.inputs()));
    double loss = F.crossEntropy(output, data.targets()).item();
    assertEquals(loss, result.metrics().get("val_loss"), 1e-6);
    assertEquals(loss, trainer.evaluate(loader()).get("loss"), 1e-6);
    long right = output.argmax(1).eq(data.targets()).sum().itemLong();
    assertEquals((double) right / SAMPLES, trainer.evaluate(loader()).get("right"), 1e-9);
    assertEquals(1.0, result.metrics().get("val_both"), 1e-12);
    assertEquals(6, result.steps());
    assertTrue(result.samplesPerSecond() > 0);
    assertFalse(model.isTraining(), "evaluate leaves the mode as it was");
  }

  @Test
  void resumesWithinAnEpochWithEveryOptimizer(@TempDir Path folder) throws IOException {
    Map<String, Function<List<Tensor>, Optimizer<?>>> optimizers =
        Map.of(
            "sgd", TrainerTest::sgd,
            "adam", p -> new Adam(p, o -> o.lr(0.01)),
            "nadam", p -> new NAdam(p, o -> o.lr(0.01)));
    for (String name : optimizers.keySet()) {
      Function<List<Tensor>, Optimizer<?>> optimizer = optimizers.get(name);
      float[] whole = trained(optimizer, _ -> {}, 3);
      Consumer<TrainerOptions> saving =
          o -> o.checkpoints(folder.resolve(name), c -> c.everySteps(1).resume(true));
      class Break extends RuntimeException {
        private static final long serialVersionUID = 1;
      }
      Callback breaker =
          new Callback() {
            @Override
            public void stepDone(Progress progress) {
              if (progress.step() == 9) {
                throw new Break();
              }
            }
          };
      assertThrows(
          Break.class, () -> trained(optimizer, saving.andThen(o -> o.callback(breaker)), 3));
      assertArrayEquals(whole, trained(optimizer, saving, 3), name);
      assertArrayEquals(whole, trained(optimizer, saving, 3), name + ": nothing was left to do");
      assertThrows(
          TorchException.class,
          () -> trained(optimizer, o -> o.checkpoints(folder.resolve(name)), 3),
          "checkpoints are not overwritten by a new training");
    }
  }

  @Test
  void schedulersSetTheRatesAndAreResumed(@TempDir Path folder) throws IOException {
    List<Double> whole = rates(_ -> {}, 4);
    double cosine = 0.1 * (1 + Math.cos(Math.PI * 6 / 24)) / 2;
    assertEquals(cosine, whole.getFirst(), 1e-12);
    // A loss of 1 in every epoch: no better from the second on, which a patience of 1 forgives.
    assertEquals(0.5, whole.get(2) / (0.1 * (1 + Math.cos(Math.PI * 18 / 24)) / 2), 1e-9);
    Consumer<TrainerOptions> saving = o -> o.checkpoints(folder, c -> c.resume(true));
    assertEquals(whole.subList(0, 2), rates(saving, 2));
    assertEquals(whole.subList(2, 4), rates(saving, 4));
  }

  /** The learning rate after each epoch. */
  private static List<Double> rates(Consumer<TrainerOptions> options, int epochs)
      throws IOException {
    Module model = net();
    SGD optimizer = sgd(model.parameters());
    List<Double> rates = new ArrayList<>();
    Trainer.supervised(
            model,
            F::crossEntropy,
            optimizer,
            options.andThen(
                o ->
                    o.metric("one", _ -> 1)
                        .scheduleSteps(new CosineAnnealingLR(optimizer, 24))
                        .scheduleEpochs(
                            new ReduceLROnPlateau(optimizer, p -> p.patience(1).factor(0.5)), "one")
                        .callback(
                            new Callback() {
                              @Override
                              public void epochDone(Progress progress, EpochResult result) {
                                rates.add(optimizer.groups().getFirst().options().lr());
                              }
                            })))
        .fit(loader(), epochs);
    return rates;
  }

  @Test
  void brokenCheckpointsAreRefused(@TempDir Path folder) throws IOException {
    Consumer<TrainerOptions> saving = o -> o.checkpoints(folder, c -> c.resume(true));
    trained(TrainerTest::sgd, saving, 1);
    Path file = folder.resolve("step-000000006.safetensors");
    Map<String, Object> whole = Checkpoint.load(file);
    for (String key : whole.keySet()) {
      Map<String, Object> broken = new HashMap<>(whole);
      broken.remove(key);
      Checkpoint.save(broken, file);
      // The history of validations alone is not needed without validation data.
      if (!key.equals("validation_epoch")) {
        TorchException e =
            assertThrows(TorchException.class, () -> trained(TrainerTest::sgd, saving, 2), key);
        assertTrue(e.getMessage().contains(key), e.getMessage());
      }
    }
    Checkpoint.save(whole, file);
    Stateful more = Stateful.of(Map::of, _ -> {});
    assertThrows(
        TorchException.class,
        () -> trained(TrainerTest::sgd, saving.andThen(o -> o.state("more", more)), 2));
    trained(TrainerTest::sgd, saving, 2);
  }

  @Test
  void stopsEarlyAndKeepsTheBest(@TempDir Path folder) throws IOException {
    Module model = net();
    double[] scores = {0.1, 0.5, 0.4, 0.5, 0.9};
    int[] epoch = {0};
    List<float[]> after = new ArrayList<>();
    Goal goal = Goal.highest("score");
    List<EpochResult> history =
        Trainer.supervised(
                model,
                F::crossEntropy,
                sgd(model.parameters()),
                o ->
                    o.metric("score", _ -> scores[epoch[0]])
                        .earlyStopping(goal, 2)
                        .checkpoints(folder)
                        .keepBest(goal)
                        .callback(
                            new Callback() {
                              @Override
                              public void epochDone(Progress progress, EpochResult result) {
                                epoch[0]++;
                                after.add(weights(model));
                              }
                            }))
            .fit(loader(), 5);
    assertEquals(4, history.size(), "two epochs that were not better than the second");
    Module best = net();
    best.loadStateDict(Safetensors.load(folder.resolve(Trainer.BEST)));
    assertArrayEquals(after.get(1), weights(best));
    assertThrows(
        TorchException.class,
        () ->
            Trainer.supervised(
                    model,
                    F::crossEntropy,
                    sgd(model.parameters()),
                    o -> o.earlyStopping(Goal.lowest("no such"), 1))
                .fit(loader(), 2));
  }

  @Test
  void precisionScalesAndUnscales() throws IOException {
    Precision scaled =
        new Precision() {
          @Override
          public void backward(Tensor loss) {
            loss.mul(1024).backward();
          }

          @Override
          public void unscale(Optimizer<?> optimizer) {
            optimizer
                .groups()
                .forEach(g -> g.parameters().forEach(p -> p.grad().orElseThrow().div_(1024)));
          }
        };
    assertArrayEquals(
        trained(TrainerTest::sgd, o -> o.clipGradNorm(0.5), 2),
        trained(TrainerTest::sgd, o -> o.clipGradNorm(0.5).precision(scaled), 2));
  }

  @Test
  void progressShowsLossRateAndMetrics() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    trained(TrainerTest::sgd, o -> o.progress(out).metric("accuracy", Metric.accuracy()), 2);
    List<String> lines = bytes.toString(StandardCharsets.UTF_8).lines().toList();
    assertEquals(2, lines.size(), lines.toString());
    assertTrue(
        lines
            .getLast()
            .matches(
                "epoch 2/2 \\[#{30}\\] 22/22  \\d+ samples/s  loss \\d\\.\\d{4}  \\d+\\.\\d s"
                    + "  accuracy [01]\\.\\d{4}"),
        lines.getLast());
  }

  @Test
  void terminalsSeeTheRemainingTime() throws InterruptedException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    ProgressBar bar = new ProgressBar(out, true, "x", "items", 1000, 100);
    Thread.sleep(200);
    bar.update(200, 0.5);
    String text = bytes.toString(StandardCharsets.UTF_8);
    // 100 items took 0.2 s or a little more, so 800 take 1.6 s or more.
    assertTrue(
        text.matches("(?s)\rx \\[#{6}-{24}\\] 200/1000 .*loss 0.5000  0:0[2-9] left.*"), text);
    assertThrows(TorchException.class, () -> new ProgressBar(out, "x", "items", 0));
  }

  @Test
  void refusesWhatMakesNoSense() {
    for (Consumer<TrainerOptions> bad :
        List.<Consumer<TrainerOptions>>of(
            o -> o.accumulate(0),
            o -> o.clipGradNorm(Double.NaN),
            o -> o.metric("loss", Metric.accuracy()),
            o -> o.keepBest(Goal.lowest("loss")),
            o -> o.earlyStopping(Goal.lowest("loss"), 0))) {
      assertThrows(TorchException.class, () -> trained(TrainerTest::sgd, bad, 1));
    }
    assertThrows(TorchException.class, () -> trained(TrainerTest::sgd, _ -> {}, 0));
  }

  @ParameterizedTest
  @EnumSource(names = {"BF16", "F16"})
  void learnsInMixedPrecision(DType type) throws IOException {
    Module model = new Sequential(new Linear(5, 16), new Linear(16, 2));
    List<Double> losses = new ArrayList<>();
    List<DType> types = new ArrayList<>();
    Trainer<Example> trainer =
        Trainer.supervised(
            model,
            (output, target) -> {
              types.add(output.dtype());
              Tensor loss = F.crossEntropy(output.to(DType.F32), target);
              losses.add(loss.item());
              return loss;
            },
            new Adam(model.parameters(), o -> o.lr(0.05)),
            o -> o.precision(Precision.mixed(type)));
    trainer.fit(loader(), 30);
    assertEquals(type, types.getFirst());
    assertEquals(DType.F32, model.parameters().getFirst().dtype());
    assertTrue(losses.getLast() < 0.5 * losses.getFirst(), losses.toString());
  }
}
