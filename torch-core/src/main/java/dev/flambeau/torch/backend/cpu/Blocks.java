package dev.flambeau.torch.backend.cpu;

import dev.flambeau.torch.DType;

/**
 * Registers that hold one block of elements each, in the type of the computation, and the running
 * of a {@link Program} on them. One object per thread and type.
 */
abstract sealed class Blocks permits FloatBlocks, DoubleBlocks, LongBlocks {
  /** Elements of a block: 20 registers of floats fit in a first-level cache. */
  static final int SIZE = 512;

  private static final ThreadLocal<FloatBlocks> FLOATS = ThreadLocal.withInitial(FloatBlocks::new);
  private static final ThreadLocal<DoubleBlocks> DOUBLES =
      ThreadLocal.withInitial(DoubleBlocks::new);
  private static final ThreadLocal<LongBlocks> LONGS = ThreadLocal.withInitial(LongBlocks::new);

  /** This thread's blocks for a type of computation: F32, F64 or I64. */
  static Blocks of(DType compute) {
    return switch (compute) {
      case F32 -> FLOATS.get();
      case F64 -> DOUBLES.get();
      default -> LONGS.get();
    };
  }

  /** Makes sure of {@code program}'s registers and sets its constants in {@code count} elements. */
  final void prepare(Program program, int count) {
    grow(program.registers());
    reset();
    program.constants().forEach((register, value) -> fill(register, value, count));
  }

  abstract void grow(int registers);

  /** Registers that were tensors' memory are their own again. */
  void reset() {}

  /**
   * Lets what is computed into {@code register} go straight to a tensor, if its memory can be one;
   * {@link #store} is called all the same.
   */
  void bind(int register, DType type, long address, long stride, int count) {}

  /** Lets what is computed into {@code register} go to another one, if that can be; whether. */
  boolean bind(int register, int other, int count) {
    return false;
  }

  /**
   * Adds {@code number} rows of a tensor, {@code stride} bytes apart, to a register, if that can be
   * done at once; whether it was.
   */
  boolean addRows(
      int register, DType type, long rows, long step, long stride, long number, int count) {
    return false;
  }

  abstract void fill(int register, double value, int count);

  /** One element as it is stored. */
  abstract long bits(int register, int lane);

  abstract void bits(int register, int lane, long bits);

  abstract void load(int register, DType type, long address, long stride, int count);

  abstract void store(int register, DType type, long address, long stride, int count);

  /** Copies a register. */
  abstract void move(int from, int to, int count);

  /**
   * Copies elements {@code start} to {@code start + count} to the beginning of another register.
   */
  abstract void shift(int from, int start, int to, int count);

  abstract void run(Program.Step step, int count);

  final void run(Program program, int count) {
    for (Program.Step step : program.steps()) {
      run(step, count);
    }
  }
}
