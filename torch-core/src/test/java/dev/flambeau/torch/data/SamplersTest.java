package dev.flambeau.torch.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Generator;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Orders of samples, parts of datasets, streams. */
class SamplersTest {
  private static final OptionalLong SEED = OptionalLong.of(5);
  private static final Dataset<Tensor> NUMBERS = Dataset.of(10, Torch::scalar);

  private static List<List<Long>> all(Iterable<Tensor> loader) {
    List<List<Long>> batches = new ArrayList<>();
    for (Tensor batch : loader) {
      batches.add(LongStream.of(batch.toLongArray()).boxed().toList());
    }
    return batches;
  }

  private static long[] sorted(long[] values) {
    long[] copy = values.clone();
    Arrays.sort(copy);
    return copy;
  }

  @Test
  void randomSamplesAreAllOnceOrWithReplacement() {
    RandomSampler once = new RandomSampler(7, false, 7, SEED);
    assertArrayEquals(LongStream.range(0, 7).toArray(), sorted(once.indices(0)));
    assertArrayEquals(once.indices(3), once.indices(3));
    assertFalse(Arrays.equals(once.indices(0), once.indices(1)));
    long[] longer = new RandomSampler(7, false, 16, SEED).indices(0);
    assertArrayEquals(LongStream.range(0, 7).toArray(), sorted(Arrays.copyOf(longer, 7)));
    assertEquals(16, longer.length);
    long[] again = new RandomSampler(7, true, 7000, SEED).indices(0);
    for (long v = 0; v < 7; v++) {
      long value = v;
      long count = LongStream.of(again).filter(x -> x == value).count();
      assertTrue(count > 850 && count < 1150, v + " came " + count + " times");
    }
    assertThrows(TorchException.class, () -> new RandomSampler(0, false, 1, SEED));
  }

  @Test
  void weightsDecideHowOften() {
    double[] weights = {0, 1, 3};
    WeightedRandomSampler sampler = new WeightedRandomSampler(weights, 8000, true, SEED);
    long[] drawn = sampler.indices(0);
    long threes = LongStream.of(drawn).filter(x -> x == 2).count();
    assertEquals(0, LongStream.of(drawn).filter(x -> x == 0).count());
    assertTrue(threes > 5800 && threes < 6200, threes + " of 8000");
    long[] once = new WeightedRandomSampler(weights, 2, false, SEED).indices(0);
    assertArrayEquals(new long[] {1, 2}, sorted(once));
    assertThrows(TorchException.class, () -> new WeightedRandomSampler(weights, 3, false, SEED));
    assertThrows(TorchException.class, () -> new WeightedRandomSampler(new double[] {-1}, 1));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void processesShareTheSamples(boolean dropLast) {
    List<Long> read = new ArrayList<>();
    for (int rank = 0; rank < 3; rank++) {
      DistributedSampler sampler = new DistributedSampler(10, 3, rank, true, 1, dropLast);
      assertEquals(dropLast ? 3 : 4, sampler.size());
      LongStream.of(sampler.indices(2)).forEach(read::add);
    }
    assertEquals(dropLast ? 9 : 12, read.size());
    assertEquals(dropLast ? 9 : 10, read.stream().distinct().count());
    assertArrayEquals(
        new long[] {1, 4, 7, 0}, new DistributedSampler(10, 3, 1, false, 0, false).indices(0));
    assertThrows(TorchException.class, () -> new DistributedSampler(10, 3, 3, false, 0, false));
  }

  @Test
  void batchesOfLikeLengthPadLittle() {
    Torch.manualSeed(1);
    long[] lengths = Torch.randint(1, 200, 1000).toLongArray();
    LengthBatchSampler sampler = new LengthBatchSampler(lengths, 16, 0, 100, SEED);
    long[][] batches = sampler.batches(0);
    assertEquals(sampler.size(), batches.length);
    long[] seen = Arrays.stream(batches).flatMapToLong(Arrays::stream).toArray();
    assertArrayEquals(LongStream.range(0, 1000).toArray(), sorted(seen));
    long padded = 0;
    for (long[] batch : batches) {
      long longest = LongStream.of(batch).map(i -> lengths[(int) i]).max().orElseThrow();
      padded += longest * batch.length;
    }
    long needed = LongStream.of(lengths).sum();
    assertTrue(padded < 1.05 * needed, padded + " for " + needed);
    LengthBatchSampler limited = new LengthBatchSampler(lengths, 16, 400, 100, SEED);
    for (long[] batch : limited.batches(0)) {
      long longest = LongStream.of(batch).map(i -> lengths[(int) i]).max().orElseThrow();
      assertTrue(longest * batch.length <= 400);
    }
    assertThrows(TorchException.class, () -> LengthBatchSampler.of(lengths, 0));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void loadersTakeSamplers(int workers) {
    Sampler reversed =
        new Sampler() {
          @Override
          public long size() {
            return 5;
          }

          @Override
          public long[] indices(long epoch) {
            return LongStream.range(0, 5).map(i -> 9 - i - epoch).toArray();
          }
        };
    DataLoader<Tensor> loader =
        new DataLoader<>(NUMBERS, o -> o.batchSize(2).workers(workers).sampler(reversed));
    assertEquals(3, loader.size());
    assertEquals(List.of(List.of(9L, 8L), List.of(7L, 6L), List.of(5L)), all(loader));
    assertEquals(List.of(List.of(8L, 7L), List.of(6L, 5L), List.of(4L)), all(loader));
    BatchSampler given =
        new BatchSampler() {
          @Override
          public long size() {
            return 2;
          }

          @Override
          public long[][] batches(long epoch) {
            return new long[][] {{1, 2, 3}, {0}};
          }
        };
    DataLoader<Tensor> batches =
        new DataLoader<>(NUMBERS, o -> o.workers(workers).batchSampler(given));
    assertEquals(List.of(List.of(1L, 2L, 3L), List.of(0L)), all(batches));
    assertThrows(
        TorchException.class,
        () -> new DataLoader<>(NUMBERS, o -> o.shuffle(true).sampler(reversed)));
    assertThrows(
        TorchException.class,
        () -> new DataLoader<>(NUMBERS, o -> o.batchSize(2).batchSampler(given)));
  }

  @Test
  void partsOfDatasets() throws Exception {
    Dataset<Long> ten = Dataset.of(10, i -> i);
    List<Dataset<Long>> parts =
        Datasets.randomSplit(ten, new double[] {0.5, 0.25, 0.25}, new Generator(1));
    assertEquals(
        List.of(6L, 2L, 2L), parts.stream().map(Dataset::size).toList(), "the rest goes first");
    Dataset<Long> joined = Datasets.concat(parts);
    long[] values = new long[10];
    for (int i = 0; i < 10; i++) {
      values[i] = joined.get(i);
    }
    assertArrayEquals(LongStream.range(0, 10).toArray(), sorted(values));
    assertNotEquals(Arrays.toString(sorted(values)), Arrays.toString(values));
    Dataset<Long> some = Datasets.subset(ten, 7, 7, 0);
    assertEquals(7, some.get(1));
    Dataset<Long> withEmpty =
        Datasets.concat(List.of(Datasets.subset(ten), some, Datasets.subset(ten), ten));
    assertEquals(0, withEmpty.get(2));
    assertEquals(0, withEmpty.get(3));
    assertEquals(20L, Datasets.map(ten, v -> 4 * v).get(5));
    assertThrows(TorchException.class, () -> Datasets.subset(ten, 10));
    assertThrows(TorchException.class, () -> Datasets.randomSplit(ten, 3, 4));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3})
  void streamsGiveEachSampleOnce(int workers) {
    IterableDataset<Tensor> stream =
        IterableDataset.of(
            () -> IntStream.range(0, 11).mapToObj(i -> Torch.scalar((long) i)).iterator());
    StreamLoader<Tensor> loader = new StreamLoader<>(stream, o -> o.batchSize(2).workers(workers));
    List<List<Long>> batches = all(loader);
    assertEquals(batches, all(loader), "the same each time");
    List<Long> values = batches.stream().flatMap(List::stream).sorted().toList();
    assertEquals(LongStream.range(0, 11).boxed().toList(), values);
    if (workers == 3) {
      assertEquals(List.of(0L, 3L), batches.get(0));
      assertEquals(List.of(1L, 4L), batches.get(1));
    }
    assertThrows(TorchException.class, () -> new StreamLoader<>(stream, o -> o.shuffle(true)));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void errorsOfStreamsNameTheSample(int workers) {
    IterableDataset<Tensor> stream =
        (worker, count) ->
            IntStream.range(0, 9)
                .mapToObj(i -> Torch.scalar((long) (i == 5 ? i / (i - 5) : i)))
                .iterator();
    StreamLoader<Tensor> loader = new StreamLoader<>(stream, o -> o.batchSize(2).workers(workers));
    LoadingException e = assertThrows(LoadingException.class, () -> all(loader));
    assertTrue(e.getMessage().startsWith("sample 5 of a stream"), e.getMessage());
  }

  @Test
  void threadsOfStreamsEndWhenIterationIsGivenUp() throws InterruptedException {
    giveUp();
    for (int i = 0; i < 100 && streaming() > 0; i++) {
      System.gc();
      Thread.sleep(50);
    }
    assertEquals(0, streaming());
  }

  private static void giveUp() {
    IterableDataset<Tensor> endless =
        IterableDataset.of(
            () -> LongStream.iterate(0, i -> i + 1).mapToObj(Torch::scalar).iterator());
    Iterator<Tensor> batches = new StreamLoader<>(endless, o -> o.workers(2)).iterator();
    assertEquals(0, batches.next().itemLong());
    assertTrue(streaming() > 0);
  }

  private static long streaming() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(t -> t.getName().startsWith("stream-loader-"))
        .count();
  }

  @Test
  void numbersAndTextsInMapsAreCollated() {
    Dataset<Map<String, Object>> rows =
        Dataset.of(3, i -> Map.of("id", i, "weight", i / 2.0, "name", "n" + i, "odd", i % 2 == 1));
    Map<String, Object> batch =
        new DataLoader<Map<String, Object>>(rows, o -> o.batchSize(3)).iterator().next();
    assertEquals(List.of("n0", "n1", "n2"), batch.get("name"));
    assertArrayEquals(new long[] {0, 1, 2}, ((Tensor) batch.get("id")).toLongArray());
    assertEquals(DType.F64, ((Tensor) batch.get("weight")).dtype());
    assertEquals(DType.BOOL, ((Tensor) batch.get("odd")).dtype());
    Dataset<Long> bare = Dataset.of(3, i -> i);
    assertThrows(TorchException.class, () -> new DataLoader<>(bare, _ -> {}).iterator().next());
  }
}
