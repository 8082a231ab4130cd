package dev.flambeau.torch.data;

import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;

/**
 * Batches of samples of about the same length, so that little is padded. Samples are shuffled,
 * sorted by length within pools of {@code pool} batches, cut into batches, and these shuffled.
 *
 * @param lengths of each sample
 * @param batchSize samples in a batch
 * @param most what a batch may hold when all are padded to its longest, 0 for no limit; a sample
 *     that is longer is a batch of its own
 * @param pool batches that are sorted together: more pad less and shuffle less
 * @param seed makes all epochs its function; else the default generator decides
 */
public record LengthBatchSampler(
    long[] lengths, int batchSize, long most, int pool, OptionalLong seed) implements BatchSampler {
  public LengthBatchSampler {
    lengths = lengths.clone();
    if (batchSize < 1 || pool < 1 || most < 0) {
      throw TorchException.argument(
          "LengthBatchSampler",
          "batch_size, pool, most",
          batchSize + ", " + pool + ", " + most,
          "1 or more each, most 0 or more");
    }
    for (long length : lengths) {
      if (length < 0) {
        throw TorchException.argument("LengthBatchSampler", "lengths", length, "0 or more");
      }
    }
  }

  /** Pools of 100 batches, no limit but the number of samples. */
  public static LengthBatchSampler of(long[] lengths, int batchSize) {
    return new LengthBatchSampler(lengths, batchSize, 0, 100, OptionalLong.empty());
  }

  /** Without a limit exact; with one, what the first epoch of seed 0 needs. */
  @Override
  public long size() {
    return most == 0
        ? Math.ceilDiv(lengths.length, batchSize)
        : new LengthBatchSampler(lengths, batchSize, most, pool, OptionalLong.of(0))
            .batches(0)
            .length;
  }

  @Override
  public long[][] batches(long epoch) {
    var generator = Sampler.generator(seed, epoch);
    long[] order = Torch.randperm(lengths.length, generator).toLongArray();
    List<long[]> batches = new ArrayList<>();
    long width = (long) batchSize * pool;
    for (long from = 0; from < order.length; from += width) {
      int to = (int) Math.min(order.length, from + width);
      Long[] some = Arrays.stream(order, (int) from, to).boxed().toArray(Long[]::new);
      Arrays.sort(some, (a, b) -> Long.compare(length(b), length(a)));
      cut(some, batches);
    }
    long[] shuffled = Torch.randperm(batches.size(), generator).toLongArray();
    long[][] out = new long[batches.size()][];
    Arrays.setAll(out, i -> batches.get((int) shuffled[i]));
    return out;
  }

  private long length(long sample) {
    return lengths[(int) sample];
  }

  private void cut(Long[] sorted, List<long[]> batches) {
    for (int from = 0; from < sorted.length; ) {
      long longest = Math.max(1, length(sorted[from]));
      long room = most == 0 ? batchSize : Math.min(batchSize, Math.max(1, most / longest));
      int to = (int) Math.min(sorted.length, from + room);
      batches.add(Arrays.stream(sorted, from, to).mapToLong(Long::longValue).toArray());
      from = to;
    }
  }
}
