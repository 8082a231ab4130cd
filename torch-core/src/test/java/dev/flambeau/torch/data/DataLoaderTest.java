package dev.flambeau.torch.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DataLoaderTest {
  private static final TensorDataset NUMBERS =
      new TensorDataset(Torch.arange(20).reshape(10, 2).to(DType.F32), Torch.arange(10));

  private static List<List<Long>> targets(DataLoader<Example> loader) {
    List<List<Long>> batches = new ArrayList<>();
    for (Example batch : loader) {
      batches.add(LongStream.of(batch.target().toLongArray()).boxed().toList());
    }
    return batches;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3})
  void batchesComeInOrder(int workers) {
    DataLoader<Example> loader = new DataLoader<>(NUMBERS, o -> o.batchSize(4).workers(workers));
    assertEquals(3, loader.size());
    assertEquals(
        List.of(List.of(0L, 1L, 2L, 3L), List.of(4L, 5L, 6L, 7L), List.of(8L, 9L)),
        targets(loader));
    Example first = loader.iterator().next();
    assertEquals(Shape.of(4, 2), first.input().shape());
    assertArrayEquals(new float[] {0, 1, 2, 3, 4, 5, 6, 7}, first.input().toFloatArray());
  }

  @Test
  void dropsTheLastBatch() {
    DataLoader<Example> loader = new DataLoader<>(NUMBERS, o -> o.batchSize(4).dropLast(true));
    assertEquals(2, loader.size());
    assertEquals(2, targets(loader).size());
  }

  @Test
  void shufflesBySeedAndEpoch() {
    DataLoader<Example> one = new DataLoader<>(NUMBERS, o -> o.shuffle(true).seed(3));
    DataLoader<Example> two = new DataLoader<>(NUMBERS, o -> o.shuffle(true).seed(3).workers(2));
    List<List<Long>> first = targets(one);
    List<List<Long>> second = targets(one);
    assertEquals(first, targets(two), "workers change nothing");
    assertEquals(second, targets(two));
    assertNotEquals(first, second, "each epoch has its own order");
    assertEquals(
        targets(new DataLoader<>(NUMBERS, o -> {})),
        first.stream().sorted((a, b) -> Long.compare(a.get(0), b.get(0))).toList());
  }

  @Test
  void shufflesByTheDefaultGenerator() {
    DataLoader<Example> loader = new DataLoader<>(NUMBERS, o -> o.shuffle(true));
    Torch.manualSeed(1);
    List<List<Long>> first = targets(loader);
    Torch.manualSeed(1);
    assertEquals(first, targets(loader));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void errorsNameTheSample(int workers) {
    Dataset<Tensor> broken =
        new Dataset<>() {
          @Override
          public long size() {
            return 9;
          }

          @Override
          public Tensor get(long index) throws IOException {
            if (index == 5) {
              throw new IOException("unreadable");
            }
            return Torch.ones(1);
          }
        };
    Iterator<Tensor> batches =
        new DataLoader<>(broken, o -> o.batchSize(2).workers(workers)).iterator();
    batches.next();
    batches.next();
    LoadingException e = assertThrows(LoadingException.class, batches::next);
    assertTrue(e.getMessage().contains("sample 5"), e.getMessage());
    assertEquals(IOException.class, e.getCause().getClass());
  }

  @Test
  void threadsEndWhenIterationIsGivenUp() throws InterruptedException {
    giveUp();
    long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (loaderThreads() > 0 && System.nanoTime() < end) {
      System.gc();
      Thread.sleep(20);
    }
    assertEquals(0, loaderThreads(), "worker threads are still alive");
  }

  private static void giveUp() {
    Dataset<Tensor> large = Dataset.of(1_000_000, _ -> Torch.ones(1));
    new DataLoader<>(large, o -> o.workers(2)).iterator().next();
  }

  private static long loaderThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(t -> t.getName().startsWith("data-loader-"))
        .count();
  }

  @Test
  void collatesListsMapsAndCustomBatches() {
    Dataset<Map<String, List<Tensor>>> nested =
        Dataset.of(4, i -> Map.of("a", List.of(Torch.scalar(i), Torch.ones(3))));
    Map<String, List<Tensor>> batch =
        new DataLoader<>(nested, o -> o.batchSize(4)).iterator().next();
    assertEquals(Shape.of(4), batch.get("a").get(0).shape());
    assertEquals(Shape.of(4, 3), batch.get("a").get(1).shape());
    Dataset<String> words = Dataset.of(3, i -> "w" + i);
    Iterator<String> joined =
        new DataLoader<String>(words, l -> String.join("+", l), o -> o.batchSize(2)).iterator();
    assertEquals("w0+w1", joined.next());
    assertEquals("w2", joined.next());
    assertFalse(joined.hasNext());
    assertThrows(NoSuchElementException.class, joined::next);
    assertThrows(TorchException.class, () -> new DataLoader<>(words, o -> {}).iterator().next());
  }

  @Test
  void refusesBadOptions() {
    assertThrows(TorchException.class, () -> new DataLoader<>(NUMBERS, o -> o.batchSize(0)));
    assertThrows(TorchException.class, () -> new DataLoader<>(NUMBERS, o -> o.workers(-1)));
    assertThrows(TorchException.class, () -> new TensorDataset(Torch.ones(3), Torch.ones(2)));
  }
}
