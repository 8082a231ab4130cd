package dev.flambeau.torch.data;

import dev.flambeau.torch.TorchException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * An {@link IterableDataset} in batches, each iteration one pass. With workers, each makes batches
 * of its own share, and these come in turns: the same batches each time. PyTorch: {@code
 * torch.utils.data.DataLoader} of an iterable dataset.
 *
 * @param <B> a batch
 */
public final class StreamLoader<B> implements Iterable<B> {
  private final Share<B> shares;
  private final DataLoader.Options options;

  /** The batches of one worker. */
  private interface Share<B> {
    Iterator<B> batches(int worker, int workers);
  }

  /** Batches of the samples' own type: their tensors stacked along a new axis 0. */
  public StreamLoader(IterableDataset<B> dataset, Consumer<DataLoader.Options> options) {
    this(dataset, Collate::stack, options);
  }

  /**
   * Batches made by {@code collate}.
   *
   * @throws TorchException if the options ask for an order: a stream has its own
   */
  public <S> StreamLoader(
      IterableDataset<S> dataset,
      Function<List<S>, B> collate,
      Consumer<DataLoader.Options> options) {
    this.options = new DataLoader.Options();
    options.accept(this.options);
    if (this.options.isOrdered()) {
      throw TorchException.argument(
          "StreamLoader", "shuffle, sampler", "given", "none: the samples come in their own order");
    }
    this.shares =
        (worker, workers) -> new Batches<>(dataset.iterator(worker, workers), collate, this);
  }

  private static final class Batches<S, B> implements Iterator<B> {
    private final Iterator<S> samples;
    private final Function<List<S>, B> collate;
    private final int size;
    private final boolean dropLast;
    private List<S> next;
    private long read;

    Batches(Iterator<S> samples, Function<List<S>, B> collate, StreamLoader<B> loader) {
      this.samples = samples;
      this.collate = collate;
      this.size = loader.options.size();
      this.dropLast = loader.options.dropsLast();
    }

    @Override
    public boolean hasNext() {
      if (next == null) {
        next = new ArrayList<>(size);
        try {
          while (next.size() < size && samples.hasNext()) {
            next.add(samples.next());
            read++;
          }
        } catch (RuntimeException e) {
          throw new LoadingException("sample " + read + " of a stream: " + e, e);
        }
      }
      return !next.isEmpty() && !(dropLast && next.size() < size);
    }

    @Override
    public B next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      List<S> batch = next;
      next = null;
      return collate.apply(batch);
    }
  }

  @Override
  public Iterator<B> iterator() {
    return options.threads() == 0
        ? shares.batches(0, 1)
        : new Turns<>(shares::batches, options.threads(), options.ahead());
  }
}
