package dev.flambeau.torch;

import java.util.Locale;

/**
 * The memory of a device as tensors use it: {@code Torch.memory(Device.CPU)}. PyTorch: the
 * functions of {@code torch.cuda.memory}.
 */
public interface DeviceMemory {
  /**
   * Sizes in bytes, as rounded up to the allocator's size classes.
   *
   * @param allocated in use by tensors now; those that wait for the garbage collector count
   * @param peak the most in use since the start or {@link #resetPeak}
   * @param cached free, kept for the next tensors
   * @param allocations blocks handed out since the start
   * @param limit that {@code allocated} never passes; {@code Long.MAX_VALUE} for none
   */
  record Statistics(long allocated, long peak, long cached, long allocations, long limit) {
    @Override
    public String toString() {
      return "allocated %s, peak %s, cached %s, %,d allocations, limit %s"
          .formatted(
              readable(allocated),
              readable(peak),
              readable(cached),
              allocations,
              limit == Long.MAX_VALUE ? "none" : readable(limit));
    }

    private static String readable(long bytes) {
      String[] units = {"bytes", "KiB", "MiB", "GiB", "TiB"};
      int unit = 0;
      double size = bytes;
      for (; size >= 1024 && unit < units.length - 1; unit++) {
        size /= 1024;
      }
      return String.format(Locale.ROOT, unit == 0 ? "%.0f %s" : "%.1f %s", size, units[unit]);
    }
  }

  /** The figures now. PyTorch: {@code torch.cuda.memory_stats}. */
  Statistics statistics();

  /** Lets the peak start from what is in use. */
  void resetPeak();

  /** Gives cached blocks back to the system. */
  void emptyCache();

  /**
   * Sets the most that tensors may use together; above it operators throw {@link TorchException}.
   * System property {@code flambeau.memory.limit} sets it from the start.
   *
   * @throws TorchException if it is not positive
   */
  void limit(long bytes);
}
