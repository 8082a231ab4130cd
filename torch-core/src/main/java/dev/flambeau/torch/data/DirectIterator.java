package dev.flambeau.torch.data;

import java.util.Iterator;
import java.util.NoSuchElementException;

/** Reads each batch when it is asked for. */
final class DirectIterator<B> implements Iterator<B> {
  private final BatchSource<B> source;
  private final BatchOrder order;
  private long next;

  DirectIterator(BatchSource<B> source, BatchOrder order, long first) {
    this.source = source;
    this.order = order;
    this.next = first;
  }

  @Override
  public boolean hasNext() {
    return next < order.batches();
  }

  @Override
  public B next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    return source.read(order.indices(next++));
  }
}
