package dev.flambeau.torch.backend.cpu.onednn;

import dev.flambeau.torch.Layout;
import dev.flambeau.torch.Storage;
import dev.flambeau.torch.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.function.ToLongFunction;

/**
 * Weights in the order a primitive wants, kept while the weight lives and is not written to: what
 * makes inference repack nothing.
 */
final class PackedWeights {
  private static final Map<Storage, List<Packed>> PACKED = new WeakHashMap<>();

  private static final class Packed {
    private final Layout layout;
    private final Plan plan;
    private final int slot;
    private final MemorySegment data;
    private int version;

    Packed(Layout layout, Plan plan, int slot, MemorySegment data, int version) {
      this.layout = layout;
      this.plan = plan;
      this.slot = slot;
      this.data = data;
      this.version = version;
    }
  }

  private PackedWeights() {}

  /** Address of the weight in the order of the plan's argument {@code slot}. */
  static long of(Tensor weight, Plan plan, int slot) {
    return of(weight, plan, slot, Tensor::address);
  }

  /**
   * @param source where the weight lies as the plan's caller has it
   */
  static long of(Tensor weight, Plan plan, int slot, ToLongFunction<Tensor> source) {
    Storage storage = weight.storage();
    synchronized (PACKED) {
      List<Packed> list = PACKED.computeIfAbsent(storage, _ -> new ArrayList<>(1));
      Packed found = null;
      for (Packed p : list) {
        if (p.plan == plan && p.layout.equals(weight.layout())) {
          found = p;
        }
      }
      for (int i = 0; found == null && i < list.size(); i++) {
        Packed p = list.get(i);
        found = p.layout.equals(weight.layout()) && plan.agrees(slot, p.plan, p.slot) ? p : null;
      }
      if (found == null) {
        MemorySegment data = Arena.ofAuto().allocate(plan.wantedBytes(slot), 64);
        found = new Packed(weight.layout(), plan, slot, data, storage.version() - 1);
        list.add(found);
      }
      if (found.version != storage.version()) {
        plan.pack(slot, source.applyAsLong(weight), found.data.address());
        found.version = storage.version();
      }
      return found.data.address();
    }
  }
}
