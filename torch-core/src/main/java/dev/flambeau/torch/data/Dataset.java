package dev.flambeau.torch.data;

import java.util.function.LongFunction;

/**
 * Samples by index. With worker threads {@link #get} runs on several of them at once. PyTorch: a
 * map-style {@code torch.utils.data.Dataset}.
 */
public interface Dataset<S> {
  /** Number of samples. */
  long size();

  /**
   * Sample {@code index}, from 0 on.
   *
   * @throws Exception what goes wrong in reading it; a loader names the index
   */
  S get(long index) throws Exception;

  /** A dataset from its size and a function. */
  static <S> Dataset<S> of(long size, LongFunction<S> samples) {
    return new Dataset<>() {
      @Override
      public long size() {
        return size;
      }

      @Override
      public S get(long index) {
        return samples.apply(index);
      }
    };
  }
}
