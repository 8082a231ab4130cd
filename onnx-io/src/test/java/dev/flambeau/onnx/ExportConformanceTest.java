package dev.flambeau.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.flambeau.torch.conformance.ConformanceRunner;
import dev.flambeau.torch.conformance.RecordedCall;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What PyTorch's operators look like in ONNX. */
class ExportConformanceTest {
  @TempDir Path folder;

  @Test
  void all() throws Exception {
    ExportedCalls calls = new ExportedCalls(folder.resolve("call.onnx"));
    int opset = Integer.getInteger("flambeau.export.opset", 21);
    String only = System.getProperty("flambeau.export.only", "");
    List<String> lines = new ArrayList<>();
    java.util.Map<Object, Integer> counts = new java.util.TreeMap<>();
    for (Path file : ConformanceRunner.files(TestData.operators())) {
      String name = file.getFileName().toString().replace(".safetensors", "");
      if (!name.matches(only.isEmpty() ? ".*" : only)) {
        continue;
      }
      List<RecordedCall> all = RecordedCall.of(file);
      int each = Integer.getInteger("flambeau.export.each", 100000);
      int shift = Integer.getInteger("flambeau.export.shift", 0);
      for (int i = 0; i < all.size(); i++) {
        if (all.size() > each && (i + shift) % (all.size() / each) != 0) continue;
        RecordedCall call = all.get(i);
        long t = System.nanoTime();
        Files.writeString(Path.of("target/export.now"), name + " " + call.id());
        ExportedCalls.Result r = calls.run(name, call, opset);
        counts.merge(r.outcome(), 1, Integer::sum);
        lines.add(
            name
                + "\t"
                + r.id()
                + "\t"
                + r.outcome()
                + "\t"
                + (System.nanoTime() - t) / 1000000
                + "\t"
                + r.detail().replace("\n", " | "));
      }
    }
    Files.write(Path.of(System.getProperty("flambeau.export.out", "target/export.tsv")), lines);
    System.out.println(counts);
    assertEquals(0, 0);
  }
}
