package dev.flambeau.torch;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A stream of random numbers: the Mersenne twister mt19937 (Matsumoto and Nishimura 1998), drawn
 * from as PyTorch's CPU generator does, so that equal seeds give PyTorch's numbers. Safe to share
 * between threads.
 */
public final class Generator {
  private static final int N = 624;
  private static final int M = 397;
  private static final int STATE_BYTES = 5056;
  private static final Generator DEFAULT = new Generator(5489);

  private final int[] state = new int[N];
  private int next;
  private double spareNormal;
  private boolean hasSpareNormal;
  private long seed;

  public Generator(long seed) {
    manualSeed(seed);
  }

  /** The generator used where none is given; {@link Torch#manualSeed} seeds it. */
  public static Generator getDefault() {
    return DEFAULT;
  }

  /** Starts the stream of {@code seed}; only its low 32 bits count, as in PyTorch. */
  public synchronized Generator manualSeed(long seed) {
    this.seed = seed;
    state[0] = (int) seed;
    for (int i = 1; i < N; i++) {
      int before = state[i - 1];
      state[i] = 1812433253 * (before ^ before >>> 30) + i;
    }
    next = N;
    hasSpareNormal = false;
    return this;
  }

  /** The seed the stream was started with. */
  public synchronized long seed() {
    return seed;
  }

  /**
   * Where the stream is, to go on from there later: 5056 bytes (U8) as PyTorch's {@code
   * get_rng_state} gives.
   */
  public synchronized Tensor state() {
    ByteBuffer bytes = ByteBuffer.allocate(STATE_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(seed).putInt(N + 1 - next).putInt(1).putLong(next);
    for (int word : state) {
      bytes.putLong(word & 0xffffffffL);
    }
    bytes.putDouble(0).putDouble(hasSpareNormal ? spareNormal : 0).putDouble(0);
    bytes.putInt(hasSpareNormal ? 1 : 0);
    return Torch.tensor(bytes.array());
  }

  /**
   * Goes on from a {@link #state}, ours or PyTorch's.
   *
   * @throws TorchException if it is none
   */
  public synchronized Generator setState(Tensor saved) {
    if (saved.dtype() != DType.U8 || saved.numel() != STATE_BYTES) {
      throw TorchException.shape(
          "set_state",
          "state",
          saved.dtype() + " " + saved.shape(),
          "the " + STATE_BYTES + " bytes (U8) of a generator's state");
    }
    ByteBuffer bytes = ByteBuffer.wrap(saved.toByteArray()).order(ByteOrder.LITTLE_ENDIAN);
    long newSeed = bytes.getLong();
    int left = bytes.getInt();
    if (left < 1 || left > N) {
      throw TorchException.argument("set_state", "state", left + " numbers left", "1 to " + N);
    }
    bytes.position(bytes.position() + Integer.BYTES + Long.BYTES);
    seed = newSeed;
    next = N + 1 - left;
    for (int i = 0; i < N; i++) {
      state[i] = (int) bytes.getLong();
    }
    bytes.getDouble();
    spareNormal = bytes.getDouble();
    bytes.getDouble();
    hasSpareNormal = bytes.getInt() != 0;
    return this;
  }

  /** 32 random bits. */
  public synchronized int bits32() {
    if (next == N) {
      refill();
    }
    int y = state[next++];
    y ^= y >>> 11;
    y ^= y << 7 & 0x9d2c5680;
    y ^= y << 15 & 0xefc60000;
    return y ^ y >>> 18;
  }

  private void refill() {
    for (int i = 0; i < N; i++) {
      int mixed = state[i] & 0x80000000 | state[(i + 1) % N] & 0x7fffffff;
      state[i] = state[(i + M) % N] ^ mixed >>> 1 ^ (mixed & 1) * 0x9908b0df;
    }
    next = 0;
  }

  /** 64 random bits, the first draw in the upper half. */
  public synchronized long bits64() {
    long high = bits32();
    return high << 32 | bits32() & 0xffffffffL;
  }

  /** Uniform on [0, 1) with 24 random bits. */
  public float uniformFloat() {
    return (bits32() & 0xffffff) * 0x1p-24f;
  }

  /** Uniform on [0, 1) with 53 random bits. */
  public double uniformDouble() {
    return (bits64() & (1L << 53) - 1) * 0x1p-53;
  }

  /**
   * Uniform on 0 .. {@code bound - 1}, by remainder, as PyTorch.
   *
   * @param bound above 0
   */
  public long below(long bound) {
    return bound >= 1L << 32
        ? Long.remainderUnsigned(bits64(), bound)
        : (bits32() & 0xffffffffL) % bound;
  }

  /**
   * Normal with mean 0 and standard deviation 1 (Box and Muller 1958); every second one is kept.
   */
  public synchronized double normal() {
    if (hasSpareNormal) {
      hasSpareNormal = false;
      return spareNormal;
    }
    double angle = 2 * Math.PI * uniformDouble();
    double radius = Math.sqrt(-2 * Math.log(1 - uniformDouble()));
    spareNormal = radius * Math.sin(angle);
    hasSpareNormal = true;
    return radius * Math.cos(angle);
  }
}
