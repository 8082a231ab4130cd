package dev.flambeau.torch;

import java.lang.ref.Cleaner;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A block of memory that tensors share. It is given back when the last tensor on it is garbage
 * collected, or at once by a {@link Scope} or the autograd engine; nobody has to close it.
 */
public final class Storage {
  private static final Cleaner CLEANER = Cleaner.create();
  private static final AtomicLong RELEASES = new AtomicLong();

  private final long address;
  private final long bytes;
  private final Device device;
  private final Cleaner.Cleanable release;
  private final boolean inference = Mode.current().inference();
  private volatile boolean freed;
  private int version;
  private Scope owner;

  /**
   * Takes over a block; {@code release} gives it back, runs once, and must not refer to this
   * object.
   */
  public Storage(long address, long bytes, Device device, Runnable release) {
    this.address = address;
    this.bytes = bytes;
    this.device = device;
    this.release = CLEANER.register(this, release);
    Scope.register(this);
  }

  /**
   * Start of the block.
   *
   * @throws TorchException if the block was given back, or on {@link Device#META}, where there is
   *     none
   */
  public long address() {
    if (device == Device.META) {
      throw TorchException.device("meta tensors have no data to read or write", null);
    }
    if (freed) {
      throw TorchException.memory(
          "this tensor's memory was released when its Scope closed; call scope.keep(tensor)"
              + " before");
    }
    return address;
  }

  public long bytes() {
    return bytes;
  }

  public Device device() {
    return device;
  }

  /** Number of in-place writes so far; autograd compares it to find stale saved tensors. */
  public int version() {
    return version;
  }

  /** Whether it was made in inference mode, so that autograd does not watch over it. */
  public boolean isInference() {
    return inference;
  }

  /** Notes an in-place write. */
  public void bumpVersion() {
    version++;
  }

  /** Gives the block back now. Later use of a tensor on it is an error. */
  public void free() {
    freed = true;
    release.clean();
  }

  public boolean isFreed() {
    return freed;
  }

  Scope owner() {
    return owner;
  }

  void owner(Scope scope) {
    owner = scope;
  }

  /** Lets this storage live as long as {@code other}, whatever scope is open now. */
  public void liveAsLongAs(Storage other) {
    Scope.move(this, other.owner);
  }

  /** Lets this storage outlive the library's own scopes: a user has seen it. */
  public void show() {
    Scope visible = Scope.visible(owner);
    if (visible != owner) {
      Scope.move(this, visible);
    }
  }

  /** Takes this storage out of its scope: it lives until it is garbage collected. */
  public void escape() {
    Scope.move(this, null);
  }

  /** Notes that what a backward had saved was released, so that many storages may be garbage. */
  public static void noteRelease() {
    RELEASES.incrementAndGet();
  }

  /** Number of calls of {@link #noteRelease}. */
  public static long releases() {
    return RELEASES.get();
  }

  /** Becomes true once the garbage collector has run and blocks are being given back. */
  public static AtomicBoolean cleaning() {
    AtomicBoolean begun = new AtomicBoolean();
    CLEANER.register(new Object(), () -> begun.set(true));
    return begun;
  }
}
