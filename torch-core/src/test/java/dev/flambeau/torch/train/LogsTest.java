package dev.flambeau.torch.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.torch.Torch;
import dev.flambeau.torch.data.DataLoader;
import dev.flambeau.torch.data.Example;
import dev.flambeau.torch.logging.SummaryWriter;
import dev.flambeau.torch.nn.functional.F;
import dev.flambeau.torch.optim.SGD;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogsTest {
  @Test
  void trainingIsWrittenDown(@TempDir Path folder) throws IOException {
    Torch.manualSeed(0);
    KillableTraining.Net net = new KillableTraining.Net();
    SGD optimizer = new SGD(net.parameters(), o -> o.lr(0.05).momentum(0.9));
    DataLoader<Example> train =
        new DataLoader<>(KillableTraining.data(64, 0), o -> o.batchSize(8).shuffle(true));
    DataLoader<Example> test =
        new DataLoader<>(KillableTraining.data(32, 5000), o -> o.batchSize(8));
    Path html = folder.resolve("report.html");
    List<EpochResult> history;
    Path events;
    try (SummaryWriter writer = new SummaryWriter(folder)) {
      events = writer.file();
      history =
          Trainer.supervised(
                  net,
                  F::crossEntropy,
                  optimizer,
                  o ->
                      o.metric("accuracy", Metric.accuracy())
                          .callback(Logs.tensorBoard(writer))
                          .callback(Logs.report(html, "A small net", Map.of("lr", 0.05))))
              .fit(train, test, 6);
    }
    String page = Files.readString(html);
    assertEquals(3, page.split("<svg", -1).length - 1, "loss, accuracy and rate");
    assertTrue(page.contains(String.format("%.5g", history.getLast().metrics().get("val_loss"))));
    String log = Files.readString(events, StandardCharsets.ISO_8859_1);
    assertEquals(6 * 8, log.split("loss/step", -1).length - 1);
    for (String tag : new String[] {"val_accuracy", "val_loss", "samples_per_second"}) {
      assertEquals(6, log.split(tag, -1).length - 1, tag);
    }
    assertEquals(3, Logs.charts(history).size());
  }
}
