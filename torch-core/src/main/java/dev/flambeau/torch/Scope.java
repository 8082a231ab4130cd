package dev.flambeau.torch;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Releases on {@link #close} the memory of all tensors this thread made since {@link #open}, except
 * those kept. Never needed for correctness: it only gives memory back earlier than the garbage
 * collector would.
 */
public final class Scope implements AutoCloseable {
  private static final ThreadLocal<Scope> CURRENT = new ThreadLocal<>();

  private final Scope parent;
  private final boolean hidden;
  private final List<WeakReference<Storage>> storages = new ArrayList<>();
  private boolean closed;

  private Scope(Scope parent, boolean hidden) {
    this.parent = parent;
    this.hidden = hidden;
  }

  /** Opens a scope on this thread, inside the one that is open. */
  public static Scope open() {
    Scope scope = new Scope(CURRENT.get(), false);
    CURRENT.set(scope);
    return scope;
  }

  /** Lets {@code tensor} live on in the enclosing scope; returns it. */
  public Tensor keep(Tensor tensor) {
    if (tensor.storage().owner() == this) {
      move(tensor.storage(), parent);
    }
    return tensor;
  }

  /** Whether closing this scope would release {@code storage}. */
  public boolean owns(Storage storage) {
    return storage.owner() == this;
  }

  /** Takes over a tensor made in a scope inside this one. */
  public void adopt(Tensor tensor) {
    move(tensor.storage(), this);
  }

  /**
   * Opens a scope of the library's own around what no user can see. User code called from inside
   * runs {@link #visibly}, and what it is shown is taken out by {@link Storage#show}.
   */
  public static Scope openHidden() {
    Scope scope = new Scope(CURRENT.get(), true);
    CURRENT.set(scope);
    return scope;
  }

  /** Runs {@code body} as if no hidden scope was open: what it makes belongs to the user's. */
  public static <T> T visibly(Supplier<T> body) {
    Scope now = CURRENT.get();
    CURRENT.set(visible(now));
    try {
      return body.get();
    } finally {
      CURRENT.set(now);
    }
  }

  /** The nearest scope around that a user opened, or null. */
  static Scope visible(Scope scope) {
    Scope s = scope;
    while (s != null && s.hidden) {
      s = s.parent;
    }
    return s;
  }

  static void register(Storage storage) {
    Scope current = CURRENT.get();
    if (current != null) {
      move(storage, current);
    }
  }

  static void move(Storage storage, Scope to) {
    storage.owner(to);
    if (to != null) {
      to.storages.add(new WeakReference<>(storage));
    }
  }

  /**
   * Frees what was not kept.
   *
   * @throws IllegalStateException if a scope opened later on this thread is still open
   */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    if (CURRENT.get() != this) {
      throw new IllegalStateException("Scope.close: close the scopes opened inside this one first");
    }
    closed = true;
    if (parent == null) {
      CURRENT.remove();
    } else {
      CURRENT.set(parent);
    }
    for (WeakReference<Storage> reference : storages) {
      Storage storage = reference.get();
      if (storage != null && storage.owner() == this) {
        storage.free();
      }
    }
  }
}
