package dev.flambeau.torch.backend.cpu.onednn;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * A primitive ready to run on other addresses: its memory objects, argument array and the copies
 * into the orders it wants are made once. Executions share one stream and one scratch buffer, so
 * they take turns; each uses all cores anyway.
 */
final class Plan {
  private static final int SCRATCHPAD = 80;
  private static final long ALIGN = 64;
  private static final Object TURN = new Object();
  private static MemorySegment scratch = MemorySegment.NULL;

  /**
   * One argument: the caller's memory, and where the primitive wants another order, that memory,
   * its place in the scratch buffer and the copying primitive.
   */
  private record Slot(
      boolean output,
      long memory,
      long own,
      long wanted,
      long offset,
      long copy,
      long copyArguments) {}

  private final Arena arena = Arena.ofShared();
  private final List<Long> descriptors = new ArrayList<>();
  private final List<Slot> slots = new ArrayList<>();
  private final List<Integer> numbers = new ArrayList<>();
  private final long primitive;
  private final long primitiveDescriptor;
  private long scratchBytes;
  private long scratchpad;
  private long scratchpadOffset;
  private long arguments;
  private boolean destroyed;

  /** Takes over the primitive descriptor, which must not be 0. */
  Plan(long primitiveDescriptor) {
    this.primitiveDescriptor = primitiveDescriptor;
    primitive = Dnnl.create("dnnl_primitive_create", primitiveDescriptor);
    if (primitive == 0) {
      throw new IllegalStateException("oneDNN made no primitive");
    }
  }

  /** The next argument: its number, the caller's order (taken over) and the primitive's. */
  Plan argument(int number, long caller, long wanted, boolean output) {
    descriptors.add(caller);
    long memory = memory(caller);
    numbers.add(number);
    if (wanted == 0 || Dnnl.same(caller, wanted)) {
      slots.add(new Slot(output, memory, 0, 0, 0, 0, 0));
      return this;
    }
    long own = memory(wanted);
    long offset = reserve(Dnnl.bytes(wanted));
    long from = output ? wanted : caller;
    long to = output ? caller : wanted;
    long engine = Dnnl.ENGINE;
    long pd = Dnnl.create("dnnl_reorder_primitive_desc_create", from, engine, to, engine, 0L);
    long copy = pd == 0 ? 0 : Dnnl.create("dnnl_primitive_create", pd);
    if (copy == 0) {
      throw new IllegalStateException("oneDNN cannot copy between these orders");
    }
    Dnnl.call("dnnl_primitive_desc_destroy", pd);
    long pair = arena.allocate(2 * 16, 8).address();
    Dnnl.putArgument(pair, 1, output ? own : memory);
    Dnnl.putArgument(pair + 16, 17, output ? memory : own);
    slots.add(new Slot(output, memory, own, wanted, offset, copy, pair));
    return this;
  }

  private long reserve(long bytes) {
    long offset = scratchBytes;
    scratchBytes += (bytes + ALIGN - 1) / ALIGN * ALIGN;
    return offset;
  }

  private static long memory(long descriptor) {
    return Dnnl.create("dnnl_memory_create", descriptor, Dnnl.ENGINE, 0L);
  }

  /** Closes the list of arguments. */
  Plan ready() {
    long descriptor = Dnnl.query(primitiveDescriptor, 136);
    if (descriptor != 0 && Dnnl.bytes(descriptor) > 0) {
      scratchpad = memory(descriptor);
      scratchpadOffset = reserve(Dnnl.bytes(descriptor));
    }
    int count = slots.size() + (scratchpad == 0 ? 0 : 1);
    arguments = arena.allocate(count * 16L, 8).address();
    for (int i = 0; i < slots.size(); i++) {
      Slot slot = slots.get(i);
      Dnnl.putArgument(arguments + i * 16L, numbers.get(i), slot.own == 0 ? slot.memory : slot.own);
    }
    if (scratchpad != 0) {
      Dnnl.putArgument(arguments + slots.size() * 16L, SCRATCHPAD, scratchpad);
    }
    return this;
  }

  /** Whether argument {@code slot} is copied into another order first. */
  boolean copies(int slot) {
    return slots.get(slot).copy != 0;
  }

  /** Size of argument {@code slot} in the primitive's order. */
  long wantedBytes(int slot) {
    return Dnnl.bytes(wanted(slot));
  }

  private long wanted(int slot) {
    return slots.get(slot).wanted;
  }

  /** Whether both plans want these arguments in the same order. */
  boolean agrees(int slot, Plan other, int otherSlot) {
    return Dnnl.same(wanted(slot), other.wanted(otherSlot));
  }

  /** Copies an argument into the primitive's order. */
  void pack(int slot, long address, long packed) {
    Slot s = slots.get(slot);
    synchronized (TURN) {
      Dnnl.setHandle(s.memory, address);
      Dnnl.setHandle(s.own, packed);
      Dnnl.execute(s.copy, 2, s.copyArguments);
    }
  }

  void run(long... addresses) {
    run(-1, 0, addresses);
  }

  /** Runs with argument {@code packedSlot} taken from {@code packed}, already in order. */
  void run(int packedSlot, long packed, long... addresses) {
    synchronized (TURN) {
      if (destroyed) {
        throw new IllegalStateException("a plan that was given back is run");
      }
      if (scratch.byteSize() < scratchBytes) {
        scratch = Arena.ofAuto().allocate(scratchBytes, ALIGN);
      }
      long base = scratch.address();
      for (int i = 0; i < addresses.length; i++) {
        Slot slot = slots.get(i);
        if (i == packedSlot) {
          Dnnl.setHandle(slot.own, packed);
          continue;
        }
        Dnnl.setHandle(slot.memory, addresses[i]);
        if (slot.own != 0) {
          Dnnl.setHandle(slot.own, base + slot.offset);
          if (!slot.output) {
            Dnnl.execute(slot.copy, 2, slot.copyArguments);
          }
        }
      }
      if (scratchpad != 0) {
        Dnnl.setHandle(scratchpad, base + scratchpadOffset);
      }
      Dnnl.execute(primitive, slots.size() + (scratchpad == 0 ? 0 : 1), arguments);
      for (int i = 0; i < addresses.length; i++) {
        Slot slot = slots.get(i);
        if (slot.output && slot.copy != 0) {
          Dnnl.execute(slot.copy, 2, slot.copyArguments);
        }
      }
    }
  }

  /** Gives the native objects back. */
  void destroy() {
    synchronized (TURN) {
      destroyed = true;
      for (Slot slot : slots) {
        Dnnl.call("dnnl_memory_destroy", slot.memory);
        if (slot.own != 0) {
          Dnnl.call("dnnl_memory_destroy", slot.own);
          Dnnl.call("dnnl_primitive_destroy", slot.copy);
        }
      }
      if (scratchpad != 0) {
        Dnnl.call("dnnl_memory_destroy", scratchpad);
      }
      Dnnl.call("dnnl_primitive_destroy", primitive);
      Dnnl.call("dnnl_primitive_desc_destroy", primitiveDescriptor);
      for (long descriptor : descriptors) {
        Dnnl.call("dnnl_memory_desc_destroy", descriptor);
      }
      arena.close();
    }
  }
}
