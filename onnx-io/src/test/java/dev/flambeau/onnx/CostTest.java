package dev.flambeau.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.flambeau.torch.Device;
import dev.flambeau.torch.DeviceMemory;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Time and memory that a file of 90 MB takes. */
class CostTest {
  @TempDir Path folder;

  private record Cost(double seconds, long bytes) {}

  /** Java bytes allocated, garbage included, and the peak of native ones. */
  private static Cost of(Runnable action) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    DeviceMemory memory = Torch.memory(Device.CPU);
    memory.resetPeak();
    long live = memory.statistics().allocated();
    long before = threads.getCurrentThreadAllocatedBytes();
    long start = System.nanoTime();
    action.run();
    double seconds = (System.nanoTime() - start) / 1e9;
    long java = threads.getCurrentThreadAllocatedBytes() - before;
    return new Cost(seconds, java + memory.statistics().peak() - live);
  }

  @Test
  void miniLmIsReadAndWrittenWithoutCopies() throws Exception {
    Path file = TestData.miniLm();
    long size = Files.size(file);
    OnnxModule[] module = new OnnxModule[1];
    Cost first = of(() -> module[0] = Onnx.load(file));
    Cost second = of(() -> module[0] = Onnx.load(file));
    Tensor ids = Torch.arange(4).reshape(1, 4);
    List<Tensor> example = List.of(ids, ids.onesLike(), ids.zerosLike());
    Path out = folder.resolve("again.onnx");
    Cost export = of(() -> Onnx.export(module[0], example, out, _ -> {}));
    System.out.printf(
        "MiniLM, %.1f MB: import %.2f s, again %.3f s, %.2f of its size; export %.2f s, %.2f%n",
        size / 1e6,
        first.seconds,
        second.seconds,
        (double) second.bytes / size,
        export.seconds,
        (double) export.bytes / size);
    assertTrue(second.bytes < 1.3 * size, second::toString);
    assertTrue(first.bytes < 1.3 * size, first::toString);
    // Beside the module itself, garbage of the capture included.
    assertTrue(export.bytes < 0.6 * size, export::toString);
    // A machine under load may take several times as long as the second that is promised.
    assertTrue(second.seconds < 5 && export.seconds < 10, second + " " + export);
    assertEquals(Files.size(file), Files.size(out), 0.02 * size);
  }
}
