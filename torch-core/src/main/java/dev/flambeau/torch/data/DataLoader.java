package dev.flambeau.torch.data;

import dev.flambeau.torch.Generator;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A dataset in batches, each iteration one epoch. Worker threads read ahead; batches come in order,
 * and the same with any number of workers. PyTorch: {@code torch.utils.data.DataLoader}.
 *
 * @param <B> a batch
 */
public final class DataLoader<B> implements Iterable<B> {
  private final BatchSource<B> source;
  private final Options options;
  private final long samples;
  private long epoch;

  /** Batches of 1, in order, the last one even if smaller, read by the calling thread. */
  public static final class Options {
    private int batchSize = 1;
    private boolean shuffle;
    private boolean dropLast;
    private int workers;
    private int prefetch = 2;
    private OptionalLong seed = OptionalLong.empty();
    private Optional<Sampler> sampler = Optional.empty();
    private Optional<BatchSampler> batchSampler = Optional.empty();

    Options() {}

    /** Samples in a batch, 1 or more. */
    public Options batchSize(int size) {
      batchSize = atLeast("batch_size", size, 1);
      return this;
    }

    /** Another random order each epoch. */
    public Options shuffle(boolean on) {
      shuffle = on;
      return this;
    }

    /** Leaves out a last batch that is not full. */
    public Options dropLast(boolean on) {
      dropLast = on;
      return this;
    }

    /** Threads that read ahead; 0: none. */
    public Options workers(int count) {
      workers = atLeast("num_workers", count, 0);
      return this;
    }

    /** Batches each worker reads ahead, 2 by default. */
    public Options prefetch(int batches) {
      prefetch = atLeast("prefetch_factor", batches, 1);
      return this;
    }

    /** Makes the orders of all epochs a function of this; else the default generator decides. */
    public Options seed(long value) {
      seed = OptionalLong.of(value);
      return this;
    }

    /** Decides which samples are read and in which order, in the place of {@code shuffle}. */
    public Options sampler(Sampler which) {
      sampler = Optional.of(which);
      return this;
    }

    /**
     * Decides the batches, in the place of {@code batchSize}, {@code shuffle}, {@code dropLast}.
     */
    public Options batchSampler(BatchSampler which) {
      batchSampler = Optional.of(which);
      return this;
    }

    boolean isOrdered() {
      return shuffle || sampler.isPresent() || batchSampler.isPresent();
    }

    int size() {
      return batchSize;
    }

    boolean dropsLast() {
      return dropLast;
    }

    int threads() {
      return workers;
    }

    int ahead() {
      return prefetch;
    }

    private void check() {
      int orders =
          (shuffle ? 1 : 0) + (sampler.isPresent() ? 1 : 0) + (batchSampler.isPresent() ? 1 : 0);
      boolean sizes = batchSampler.isPresent() && (batchSize != 1 || dropLast);
      if (orders > 1 || sizes) {
        throw TorchException.argument(
            "DataLoader",
            sizes ? "batch_sampler" : "sampler",
            "given with another order or size of batches",
            "one of shuffle, sampler and batch_sampler; the last without batch_size, drop_last");
      }
    }

    private static int atLeast(String name, int value, int least) {
      if (value < least) {
        throw TorchException.argument("DataLoader", name, value, least + " or more");
      }
      return value;
    }
  }

  /** Batches of the samples' own type: their tensors stacked along a new axis 0. */
  public DataLoader(Dataset<B> dataset, Consumer<Options> options) {
    this(dataset, Collate::stack, options);
  }

  /** Batches made by {@code collate}. */
  public <S> DataLoader(
      Dataset<S> dataset, Function<List<S>, B> collate, Consumer<Options> options) {
    this.options = new Options();
    options.accept(this.options);
    this.options.check();
    this.samples = this.options.sampler.map(Sampler::size).orElseGet(dataset::size);
    this.source = indices -> batch(dataset, collate, indices);
  }

  private static <S, B> B batch(Dataset<S> dataset, Function<List<S>, B> collate, long[] indices) {
    List<S> batch = new ArrayList<>(indices.length);
    for (long index : indices) {
      try {
        batch.add(dataset.get(index));
      } catch (Exception e) {
        throw new LoadingException("sample " + index + ": " + e, e);
      }
    }
    return collate.apply(batch);
  }

  /** Samples in a batch but perhaps the last. */
  public int batchSize() {
    return options.batchSize;
  }

  /** Number of samples in an epoch. */
  public long samples() {
    return options.batchSampler.isPresent()
        ? samples
        : Math.min(samples, size() * options.batchSize);
  }

  /** Number of batches in an epoch. */
  public long size() {
    if (options.batchSampler.isPresent()) {
      return options.batchSampler.get().size();
    }
    long full = samples / options.batchSize;
    return options.dropLast || samples % options.batchSize == 0 ? full : full + 1;
  }

  /**
   * The batches of the next epoch. {@code next} throws {@link LoadingException} for a sample that
   * cannot be read.
   */
  @Override
  public Iterator<B> iterator() {
    return iterator(0);
  }

  /**
   * The same without the batches before number {@code first}, which are not read: for going on
   * within an epoch.
   *
   * @throws TorchException if there are not so many batches
   */
  public Iterator<B> iterator(long first) {
    BatchOrder order = order(epoch);
    if (first < 0 || first > order.batches()) {
      throw TorchException.argument("DataLoader", "first", first, "0 to " + order.batches());
    }
    epoch++;
    return options.workers == 0
        ? new DirectIterator<>(source, order, first)
        : new PrefetchIterator<>(source, order, first, options.workers, options.prefetch);
  }

  /** The number of the next epoch, which with the seed decides its order. */
  public long epoch() {
    return epoch;
  }

  /** Goes on with epoch {@code number}, 0 or more. */
  public void epoch(long number) {
    if (number < 0) {
      throw TorchException.argument("DataLoader", "epoch", number, "0 or more");
    }
    epoch = number;
  }

  private BatchOrder order(long number) {
    if (options.batchSampler.isPresent()) {
      return new BatchOrder.Given(options.batchSampler.get().batches(number));
    }
    long[] permutation = new long[0];
    if (options.sampler.isPresent()) {
      permutation = options.sampler.get().indices(number);
    } else if (options.shuffle) {
      Generator generator = Sampler.generator(options.seed, number);
      permutation = Torch.randperm(samples, generator).toLongArray();
    }
    return new BatchOrder.Even(samples, options.batchSize, size(), permutation);
  }
}
