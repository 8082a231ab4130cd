package dev.flambeau.torch.backend.cpu;

import java.util.Arrays;

/** The free blocks of one size, last in first out, and how many blocks of it are in use. */
final class Shelf {
  final long size;
  private long[] free = new long[0];
  private int count;
  private int blocks;

  Shelf(long size) {
    this.size = size;
  }

  /** A free block's address, or 0. */
  synchronized long take() {
    return count == 0 ? 0 : free[--count];
  }

  synchronized void give(long address) {
    if (count == free.length) {
      free = Arrays.copyOf(free, Math.max(8, 2 * count));
    }
    free[count++] = address;
  }

  /** Notes that a block was taken from the system. */
  synchronized void added() {
    blocks++;
  }

  /** As {@link #take}, for a block that goes back to the system. */
  synchronized long remove() {
    long address = take();
    if (address != 0) {
      blocks--;
    }
    return address;
  }

  /** Blocks in use. */
  synchronized long live() {
    return blocks - count;
  }
}
