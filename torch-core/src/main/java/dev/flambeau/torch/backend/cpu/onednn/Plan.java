package dev.flambeau.torch.backend.cpu.onednn;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
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
  private static final Cleaner CLEANER = Cleaner.create();
  private static MemorySegment scratch = MemorySegment.NULL;

  /**
   * One argument: the caller's memory, and where the primitive wants another order, that memory,
   * its place in the scratch buffer and the copying primitive.
   */
  private record Slot(
      boolean output,
      long bytes,
      long memory,
      long own,
      long wanted,
      long offset,
      long copy,
      long copyArguments) {}

  /** Memory that only the primitive sees, at an offset of the scratch buffer. */
  private record Internal(int number, long memory, long offset) {}

  private final Arena arena = Arena.ofAuto();
  private final Natives natives = new Natives();
  private final List<Slot> slots = new ArrayList<>();
  private final List<Internal> internals = new ArrayList<>();
  private final List<Integer> numbers = new ArrayList<>();
  private final long primitive;
  private final long primitiveDescriptor;
  private long scratchBytes;
  private long arguments;
  private int threads = Dnnl.THREADS;

  /** Native objects, given back when nobody holds the plan any more. */
  private static final class Natives implements Runnable {
    private record Item(String destroy, long handle) {}

    private final List<Item> items = new ArrayList<>();

    long add(String kind, long handle) {
      if (handle != 0) {
        items.add(new Item("dnnl_" + kind + "_destroy", handle));
      }
      return handle;
    }

    @Override
    public void run() {
      synchronized (TURN) {
        items.reversed().forEach(item -> Dnnl.call(item.destroy, item.handle));
      }
    }
  }

  /** Takes over the primitive descriptor, which must not be 0. */
  Plan(long primitiveDescriptor) {
    CLEANER.register(this, natives);
    this.primitiveDescriptor = natives.add("primitive_desc", primitiveDescriptor);
    primitive = natives.add("primitive", Dnnl.create("dnnl_primitive_create", primitiveDescriptor));
    if (primitive == 0) {
      throw new IllegalStateException("oneDNN made no primitive");
    }
  }

  /** The next argument: its number, the caller's order (taken over) and the primitive's. */
  Plan argument(int number, long caller, long wanted, boolean output) {
    natives.add("memory_desc", caller);
    long memory = memory(caller);
    numbers.add(number);
    if (wanted == 0 || Dnnl.same(caller, wanted)) {
      slots.add(new Slot(output, Dnnl.bytes(caller), memory, 0, 0, 0, 0, 0));
      return this;
    }
    long own = memory(wanted);
    long offset = reserve(Dnnl.bytes(wanted));
    long from = output ? wanted : caller;
    long to = output ? caller : wanted;
    long engine = Dnnl.ENGINE;
    long pd = Dnnl.create("dnnl_reorder_primitive_desc_create", from, engine, to, engine, 0L);
    long copy = natives.add("primitive", pd == 0 ? 0 : Dnnl.create("dnnl_primitive_create", pd));
    if (copy == 0) {
      throw new IllegalStateException("oneDNN cannot copy between these orders");
    }
    Dnnl.call("dnnl_primitive_desc_destroy", pd);
    long pair = arena.allocate(2 * 16, 8).address();
    Dnnl.putArgument(pair, 1, output ? own : memory);
    Dnnl.putArgument(pair + 16, 17, output ? memory : own);
    slots.add(new Slot(output, Dnnl.bytes(caller), memory, own, wanted, offset, copy, pair));
    return this;
  }

  private long reserve(long bytes) {
    long offset = scratchBytes;
    scratchBytes += (bytes + ALIGN - 1) / ALIGN * ALIGN;
    return offset;
  }

  private long memory(long descriptor) {
    return natives.add("memory", Dnnl.create("dnnl_memory_create", descriptor, Dnnl.ENGINE, 0L));
  }

  /** An argument nobody reads or writes but the primitive; nothing if the descriptor is 0. */
  Plan internal(int number, long descriptor) {
    if (descriptor != 0 && Dnnl.bytes(descriptor) > 0) {
      internals.add(new Internal(number, memory(descriptor), reserve(Dnnl.bytes(descriptor))));
    }
    return this;
  }

  /** Closes the list of arguments. */
  Plan ready() {
    internal(SCRATCHPAD, Dnnl.query(primitiveDescriptor, 136));
    arguments = arena.allocate((slots.size() + internals.size()) * 16L, 8).address();
    for (int i = 0; i < slots.size(); i++) {
      Slot slot = slots.get(i);
      Dnnl.putArgument(arguments + i * 16L, numbers.get(i), slot.own == 0 ? slot.memory : slot.own);
    }
    for (int i = 0; i < internals.size(); i++) {
      Internal item = internals.get(i);
      Dnnl.putArgument(arguments + (slots.size() + i) * 16L, item.number, item.memory);
    }
    return this;
  }

  /** Whether argument {@code slot} is copied into another order first. */
  boolean copies(int slot) {
    return slots.get(slot).copy != 0;
  }

  /** Size of argument {@code slot} in the caller's order. */
  long bytes(int slot) {
    return slots.get(slot).bytes;
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
      Dnnl.threads(threads);
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
      for (Internal item : internals) {
        Dnnl.setHandle(item.memory, base + item.offset);
      }
      Dnnl.execute(primitive, slots.size() + internals.size(), arguments);
      for (int i = 0; i < addresses.length; i++) {
        Slot slot = slots.get(i);
        if (slot.output && slot.copy != 0) {
          Dnnl.execute(slot.copy, 2, slot.copyArguments);
        }
      }
    }
    Reference.reachabilityFence(this);
  }

  void threads(int count) {
    threads = count;
  }
}
