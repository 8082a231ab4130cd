package dev.flambeau.torch.profile;

import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Watcher;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** What one thread did. Written by that thread only; others may look at copies. */
final class Track {
  /** That the thread got or gave back memory. */
  record Change(long at, long bytes) {}

  private static final class Open {
    final Watcher.Kind kind;
    final String name;
    final List<Meta> inputs;
    final boolean outermost;
    final long start;
    long inside;
    long bytes;
    long bytesInside;

    Open(Watcher.Kind kind, String name, List<Meta> inputs, boolean outermost, long start) {
      this.kind = kind;
      this.name = name;
      this.inputs = inputs;
      this.outermost = outermost;
      this.start = start;
    }
  }

  private final long origin;
  private final long thread = Thread.currentThread().threadId();
  private final String threadName = Thread.currentThread().getName();
  private final ArrayDeque<Open> open = new ArrayDeque<>();
  private final List<Span> done = new ArrayList<>();
  private final List<Change> changes = new ArrayList<>();
  private int backwards;

  Track(long origin) {
    this.origin = origin;
  }

  long thread() {
    return thread;
  }

  String threadName() {
    return threadName;
  }

  synchronized List<Span> spans() {
    return List.copyOf(done);
  }

  synchronized List<Change> changes() {
    return List.copyOf(changes);
  }

  void enter(Watcher.Kind kind, String name, Tensor[] inputs, boolean shapes) {
    boolean outermost = true;
    for (Open around : open) {
      outermost &= around.kind != kind || !around.name.equals(name);
    }
    backwards += kind == Watcher.Kind.BACKWARD ? 1 : 0;
    List<Meta> metas = shapes ? metas(inputs) : List.of();
    open.push(new Open(kind, name, metas, outermost, System.nanoTime()));
  }

  void exit() {
    long now = System.nanoTime();
    Open span = open.pop();
    long nanos = now - span.start;
    Open around = open.peek();
    if (around != null) {
      around.inside += nanos;
      around.bytes += span.bytes;
      around.bytesInside += span.bytes;
    }
    Span whole =
        new Span(
            span.kind,
            span.name,
            span.inputs,
            thread,
            backwards > 0,
            span.outermost,
            span.start - origin,
            nanos,
            nanos - span.inside,
            span.bytes,
            span.bytes - span.bytesInside);
    backwards -= span.kind == Watcher.Kind.BACKWARD ? 1 : 0;
    synchronized (this) {
      done.add(whole);
    }
  }

  void memory(long bytes) {
    Open span = open.peek();
    if (span != null) {
      span.bytes += bytes;
    }
    synchronized (this) {
      changes.add(new Change(System.nanoTime() - origin, bytes));
    }
  }

  private static List<Meta> metas(Tensor[] inputs) {
    List<Meta> metas = new ArrayList<>(inputs.length);
    for (Tensor t : inputs) {
      metas.add(t == null ? null : t.meta());
    }
    return Collections.unmodifiableList(metas);
  }
}
