package dev.flambeau.onnx;

import dev.flambeau.torch.Mode;
import dev.flambeau.torch.Tensor;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.function.Supplier;

/**
 * Weights made of constants that files hold packed, kept as long as the constants are, until one of
 * them is written to. Weights that are trained are made anew each time, and so are those beyond
 * system property {@code flambeau.onnx.unpackedBytes}, 2 GB unless set, for all models together.
 */
final class WeightCache {
  private static final String BYTES = "flambeau.onnx.unpackedBytes";

  /** By the first of the constants. */
  private static final Map<Tensor, WeightCache> KEPT = new WeakHashMap<>();

  private final List<WeakReference<Tensor>> sources = new ArrayList<>();
  private final List<Integer> versions = new ArrayList<>();
  private final Object how;
  private final Tensor weight;

  private WeightCache(Tensor weight, Object how, Tensor[] from) {
    this.weight = weight;
    this.how = how;
    for (Tensor source : from) {
      sources.add(new WeakReference<>(source));
      versions.add(source.storage().version());
    }
  }

  private boolean isOf(Object manner, Tensor[] from) {
    boolean same = from.length == sources.size() && how.equals(manner);
    for (int i = 0; same && i < from.length; i++) {
      same = sources.get(i).refersTo(from[i]) && versions.get(i) == from[i].storage().version();
    }
    return same;
  }

  /**
   * What {@code make} gives for {@code from}, made anew where a source was changed or is trained.
   *
   * @param how what the result depends on beside the sources
   * @param bytes of the result
   */
  static Tensor of(Supplier<Tensor> make, Object how, long bytes, Tensor... from) {
    for (Tensor source : from) {
      if (source.requiresGrad()) {
        return make.get();
      }
    }
    synchronized (KEPT) {
      WeightCache kept = KEPT.get(from[0]);
      if (kept != null && kept.isOf(how, from)) {
        return kept.weight;
      }
      long taken = KEPT.values().stream().mapToLong(k -> k.weight.storage().bytes()).sum();
      if (taken + bytes > Long.getLong(BYTES, 2L << 30)) {
        return make.get();
      }
    }
    // It outlives the caller's scope and mode.
    Tensor weight = new Mode(false, false, false, null, null, null).call(make);
    weight.storage().escape();
    synchronized (KEPT) {
      KEPT.put(from[0], new WeightCache(weight, how, from));
    }
    return weight;
  }
}
