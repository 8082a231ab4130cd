package dev.flambeau.torch.data;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.Supplier;

/**
 * Samples that come one after another: a log, a stream, a table too large to index. PyTorch: {@code
 * torch.utils.data.IterableDataset}.
 */
public interface IterableDataset<S> {
  /**
   * The samples of one worker of several; together they give each sample once.
   *
   * @param worker from 0 on
   */
  Iterator<S> iterator(int worker, int workers);

  /** Every worker reads all samples and keeps its share of them: every {@code workers}-th. */
  static <S> IterableDataset<S> of(Supplier<? extends Iterator<S>> samples) {
    return (worker, workers) -> {
      Iterator<S> all = samples.get();
      for (int i = 0; i < worker && all.hasNext(); i++) {
        all.next();
      }
      return new Iterator<>() {
        @Override
        public boolean hasNext() {
          return all.hasNext();
        }

        @Override
        public S next() {
          if (!all.hasNext()) {
            throw new NoSuchElementException();
          }
          S sample = all.next();
          for (int i = 1; i < workers && all.hasNext(); i++) {
            all.next();
          }
          return sample;
        }
      };
    };
  }
}
