package dev.flambeau.torch;

import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Functions to be called when something happens, in the order they were added. A hook may add or
 * remove hooks while it runs: that counts from the next time on.
 */
public final class Hooks<T> implements Iterable<T> {
  /** One addition: the same function may be there several times. */
  private static final class Entry<T> {
    final T hook;

    Entry(T hook) {
      this.hook = Objects.requireNonNull(hook, "hook");
    }
  }

  private final List<Entry<T>> entries = new CopyOnWriteArrayList<>();

  public Hooks() {}

  public HookHandle add(T hook) {
    Entry<T> entry = new Entry<>(hook);
    entries.add(entry);
    return () -> entries.remove(entry);
  }

  public boolean isEmpty() {
    return entries.isEmpty();
  }

  @Override
  public Iterator<T> iterator() {
    Iterator<Entry<T>> now = entries.iterator();
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return now.hasNext();
      }

      @Override
      public T next() {
        return now.next().hook;
      }
    };
  }
}
