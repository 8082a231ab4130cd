package dev.flambeau.torch.backend.cpu.onednn;

import dev.flambeau.torch.Layout;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.op.Op;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;

/** The plans made so far, by operator and inputs; those not used for long are forgotten. */
final class Plans {
  private static final int LIMIT = 1024;

  private record Key(Op op, Object detail, List<Meta> metas) {}

  /** Makes a plan; empty if oneDNN has no implementation. */
  @FunctionalInterface
  interface Maker {
    Optional<Plan> make();
  }

  private static final LinkedHashMap<Key, Optional<Plan>> PLANS =
      new LinkedHashMap<>(256, 0.75f, true);

  private Plans() {}

  /** Where in a storage a tensor begins is told when a plan runs. */
  private static Meta atStart(Meta meta) {
    Layout layout = meta.layout();
    return layout.offset() == 0
        ? meta
        : new Meta(meta.dtype(), meta.device(), layout.with(layout.shape(), layout.strides(), 0));
  }

  /** The plan for these tensors, made on first use. */
  static Optional<Plan> find(Op op, Tensor[] inputs, Tensor[] outputs, Maker maker) {
    return find(op, "", inputs, outputs, maker);
  }

  /**
   * @param detail what the plan depends on beside operator and inputs
   */
  static Optional<Plan> find(Op op, Object detail, Tensor[] inputs, Tensor[] outputs, Maker maker) {
    Meta[] metas = new Meta[inputs.length];
    for (int i = 0; i < metas.length; i++) {
      metas[i] = atStart(inputs[i].meta());
    }
    Key key = new Key(op, detail, Arrays.asList(metas));
    synchronized (PLANS) {
      Optional<Plan> plan = PLANS.get(key);
      if (plan == null) {
        int threads = Threads.suited(op, inputs, outputs);
        Dnnl.threads(threads);
        plan = maker.make();
        plan.ifPresent(p -> p.threads(threads));
        PLANS.put(key, plan);
        if (PLANS.size() > LIMIT) {
          PLANS.pollFirstEntry();
        }
      }
      return plan;
    }
  }
}
