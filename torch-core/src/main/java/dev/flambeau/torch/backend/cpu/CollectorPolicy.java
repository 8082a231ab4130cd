package dev.flambeau.torch.backend.cpu;

import dev.flambeau.torch.Storage;

/**
 * When it pays to ask the garbage collector for tensors nobody closed, before memory is taken from
 * the system. In training the right moment is the first such request after a backward: what that
 * had saved is garbage, while during a forward hardly anything is. A collection costs some 15 ms,
 * so it may take a thirtieth of the time at most.
 */
final class CollectorPolicy {
  private static final long LEAST = 64L << 20;
  private static final long WITHOUT_BACKWARD = 512L << 20;
  private static final int SHARE_OF_TIME = 30;

  /** Live bytes and the clock after the last collection. */
  private volatile long settled;

  private volatile long ended;
  private volatile long pause;
  private volatile long releases;

  /** Whether a part of the {@code live} bytes is likely to be garbage. */
  boolean expectsGarbage(long live) {
    long growth = live - settled;
    if (growth < Math.max(LEAST, settled / 4)) {
      return false;
    }
    boolean released = Storage.releases() != releases;
    return (released || growth > Math.max(WITHOUT_BACKWARD, settled))
        && (pause == 0 || System.nanoTime() - ended > SHARE_OF_TIME * pause);
  }

  /** What is released from now on is for the next collection. */
  void collecting() {
    releases = Storage.releases();
  }

  void collected(long live, long nanos) {
    settled = live;
    pause = nanos;
    ended = System.nanoTime();
  }
}
