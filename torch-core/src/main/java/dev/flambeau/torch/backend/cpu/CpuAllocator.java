package dev.flambeau.torch.backend.cpu;

import dev.flambeau.torch.Device;
import dev.flambeau.torch.DeviceMemory;
import dev.flambeau.torch.Storage;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.Watcher;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A caching allocator: freed blocks wait on the shelf of their size class for the next request.
 * There are eight classes to a power of two, at least 64 bytes apart.
 *
 * <p>Tensors nobody closes come back through the garbage collector, which does not see native
 * memory. So before more memory is taken from the system, the collector is asked to run where
 * {@link CollectorPolicy} expects enough of it; and, when the live bytes pass a watermark, in any
 * case. Its Cleaner is waited for; then the watermark moves to twice what is really in use. What is
 * cached beyond the watermark goes back to the system. Live bytes never pass the limit: system
 * property {@code flambeau.memory.limit} in bytes, or with a suffix k, m or g; none by default.
 */
final class CpuAllocator implements DeviceMemory {
  static final String LIMIT = "flambeau.memory.limit";

  private static final long SMALLEST = 64;
  private static final long LARGEST = 1L << 46;
  private static final long USUAL_WATERMARK = 2L << 30;
  private static final int LISTED = 5;
  private static final int LONGEST_WAIT = 200;

  private final Shelf[] shelves = new Shelf[index(LARGEST) + 1];
  private final AtomicLong live = new AtomicLong();
  private final AtomicLong cached = new AtomicLong();
  private final AtomicLong peak = new AtomicLong();
  private final LongAdder allocations = new LongAdder();
  private final CollectorPolicy policy = new CollectorPolicy();
  private volatile long limit;
  private volatile long lowest;
  private volatile long watermark;

  CpuAllocator(long limit) {
    limit(limit);
    for (int i = 0; i < shelves.length; i++) {
      shelves[i] = new Shelf(size(i));
    }
  }

  /** With the limit that the user set, if any. */
  static CpuAllocator configured() {
    String text = System.getProperty(LIMIT);
    return new CpuAllocator(text == null ? Long.MAX_VALUE : parse(text));
  }

  static long parse(String text) {
    String digits = text.strip().toLowerCase(Locale.ROOT);
    int unit = digits.isEmpty() ? -1 : "kmg".indexOf(digits.charAt(digits.length() - 1));
    try {
      String number = unit < 0 ? digits : digits.substring(0, digits.length() - 1);
      long bytes = Math.multiplyExact(Long.parseLong(number), 1L << 10 * (unit + 1));
      if (bytes > 0) {
        return bytes;
      }
    } catch (NumberFormatException | ArithmeticException _) {
      // said below
    }
    throw TorchException.argument(
        "system property", LIMIT, text, "a positive number of bytes, such as 800m or 2g");
  }

  Storage allocate(long bytes) {
    if (bytes < 0 || bytes > LARGEST) {
      throw TorchException.memory("a block of " + bytes + " bytes cannot be had");
    }
    Shelf shelf = shelves[index(Math.max(bytes, SMALLEST))];
    reserve(shelf.size);
    long address;
    try {
      address = take(shelf);
    } catch (TorchException e) {
      live.addAndGet(-shelf.size);
      throw e;
    }
    allocations.increment();
    tell(shelf.size);
    return new Storage(address, bytes, Device.CPU, () -> give(shelf, address));
  }

  @Override
  public Statistics statistics() {
    return new Statistics(live.get(), peak.get(), cached.get(), allocations.sum(), limit);
  }

  @Override
  public void resetPeak() {
    peak.set(live.get());
  }

  @Override
  public void emptyCache() {
    trim(0);
  }

  @Override
  public void limit(long bytes) {
    if (bytes <= 0) {
      throw TorchException.argument("memory", "limit", bytes, "a positive number of bytes");
    }
    limit = bytes;
    lowest = Math.min(bytes / 2, USUAL_WATERMARK);
    watermark = lowest;
  }

  private void reserve(long size) {
    long now = live.addAndGet(size);
    if (now > watermark) {
      collect();
      now = live.get();
      if (now > limit) {
        live.addAndGet(-size);
        throw TorchException.memory(full(size));
      }
    }
    if (now > peak.get()) {
      peak.accumulateAndGet(now, Math::max);
    }
  }

  private long take(Shelf shelf) {
    long address = shelf.take();
    if (address == 0 && policy.expectsGarbage(live.get())) {
      collectEarly();
      address = shelf.take();
    }
    if (address != 0) {
      cached.addAndGet(-shelf.size);
      return address;
    }
    trim(watermark);
    address = SystemMemory.allocate(shelf.size);
    if (address == 0) {
      trim(0);
      address = SystemMemory.allocate(shelf.size);
    }
    if (address == 0) {
      throw TorchException.memory("the system has no memory left; " + full(shelf.size));
    }
    shelf.added();
    return address;
  }

  private void give(Shelf shelf, long address) {
    cached.addAndGet(shelf.size);
    live.addAndGet(-shelf.size);
    shelf.give(address);
    tell(-shelf.size);
  }

  private static void tell(long bytes) {
    Watcher watcher = Watcher.current();
    if (watcher != null) {
      watcher.memory(bytes);
    }
  }

  /**
   * Gives cached blocks back to the system, large ones first, until all is at most {@code goal}.
   */
  private void trim(long goal) {
    for (int i = shelves.length - 1; i >= 0 && live.get() + cached.get() > goal; i--) {
      Shelf shelf = shelves[i];
      while (live.get() + cached.get() > goal) {
        long address = shelf.remove();
        if (address == 0) {
          break;
        }
        cached.addAndGet(-shelf.size);
        SystemMemory.free(address);
      }
    }
  }

  /** One thread collects; those that waited for it find the watermark moved. */
  private synchronized void collect() {
    if (live.get() > watermark) {
      collectNow();
    }
  }

  /** The same before the watermark; those that waited find the policy satisfied. */
  private synchronized void collectEarly() {
    if (policy.expectsGarbage(live.get())) {
      collectNow();
    }
  }

  private void collectNow() {
    long start = System.nanoTime();
    policy.collecting();
    AtomicBoolean cleaning = Storage.cleaning();
    System.gc();
    awaitCleaner(cleaning);
    watermark = Math.min(limit, Math.max(lowest, 2 * live.get()));
    policy.collected(live.get(), System.nanoTime() - start);
  }

  /**
   * Until the Cleaner has begun and no block has come back for some turns; more patient where the
   * alternative is an error.
   */
  private void awaitCleaner(AtomicBoolean cleaning) {
    long before = live.get();
    int quiet = 0;
    for (int turn = 0; turn < LONGEST_WAIT && quiet < (before > limit ? LONGEST_WAIT : 4); turn++) {
      LockSupport.parkNanos(before > limit ? 1_000_000 : 100_000);
      long now = live.get();
      quiet = now < before || !cleaning.get() ? 0 : quiet + 1;
      before = now;
    }
  }

  private String full(long size) {
    List<Shelf> largest =
        Stream.of(shelves)
            .filter(s -> s.live() > 0)
            .sorted(Comparator.comparingLong((Shelf s) -> s.live() * s.size).reversed())
            .limit(LISTED)
            .toList();
    return "%d bytes asked for, %d in use, limit %s (system property %s); the largest in use: %s"
        .formatted(
            size,
            live.get(),
            limit == Long.MAX_VALUE ? "none" : Long.toString(limit),
            LIMIT,
            largest.stream()
                .map(s -> s.live() + " of " + s.size + " bytes")
                .collect(Collectors.joining(", ")));
  }

  /** The class that holds {@code size} bytes, at least 64. */
  private static int index(long size) {
    int power = 63 - Long.numberOfLeadingZeros(size);
    int shift = Math.max(power - 3, 6);
    int eighth = (int) ((size - (1L << power) + (1L << shift) - 1) >>> shift);
    return (power - 6) * 8 + eighth;
  }

  /** Bytes of class {@code index}. Below 512 bytes the higher eighths of a power are not used. */
  private static long size(int index) {
    int power = index / 8 + 6;
    return (1L << power) + ((long) (index % 8) << Math.max(power - 3, 6));
  }

  /** The bytes that a request is rounded up to. */
  static long rounded(long bytes) {
    return size(index(Math.max(bytes, SMALLEST)));
  }
}
