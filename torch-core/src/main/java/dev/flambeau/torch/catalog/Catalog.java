package dev.flambeau.torch.catalog;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.dispatch.Dispatcher;
import dev.flambeau.torch.op.Fold;
import dev.flambeau.torch.op.Ops;
import dev.flambeau.torch.op.Pointwise;
import dev.flambeau.torch.op.Reduction;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The registry that binds PyTorch's operators to ours. It drives the conformance runner and the
 * page of operators.
 *
 * <p>Pointwise operators are found through {@link Ops}: one of one or two inputs needs no entry, if
 * its method is named as PyTorch's in camel case ({@code Tensor.x}, {@code F.x} for {@code
 * nn.functional.x}, {@code Special.x} for {@code special.x}). Anything else is one line in the file
 * of its family, with PyTorch's name, our method, and the call; getters name parameters in the
 * order of PyTorch's signature:
 *
 * <pre>{@code
 * entry("gather", "Tensor.gather", a -> a.self().gather(a.axis("dim"), a.tensor("index")))
 * several("max", "Tensor.max", a -> { ... return List.of(values, indices); })
 * entry("cdist", "Torch.cdist", a -> ...).tolerance(1e-4, 1e-4, "squares cancel")
 * entry("conv1d", "F.conv1d", a -> ...).without("i64", "convolution of integers")
 * several("qr", "Linalg.qr", a -> ...).compare((a, out) -> List.of(out.get(0).matmul(out.get(1))))
 * absent("polar", "complex numbers")
 * }</pre>
 *
 * Samples of a kind that calls something else (a product first, one of the outputs) have an entry
 * named operator, point, kind. An argument that a binding does not take makes the case unsupported;
 * whatever is unsupported must be listed, and whatever is listed must fail.
 */
public final class Catalog {
  /** Pointwise constants that are not PyTorch operators by themselves. */
  private static final List<String> PARTS =
      List.of(
          "copy",
          "nn.functional.gelu.tanh",
          "quick_gelu",
          "div.trunc",
          "div.floor",
          "frexp.mantissa",
          "frexp.exponent",
          "norm.root",
          "norm.count");

  /** Operators of two tensors; others take a number as the second operand as well. */
  private static final Set<String> TENSORS_ONLY =
      Set.of(
          "atan2",
          "minimum",
          "maximum",
          "logical_and",
          "logical_or",
          "logical_xor",
          "hypot",
          "nextafter",
          "fmax",
          "fmin",
          "logaddexp",
          "logaddexp2",
          "ldexp",
          "heaviside",
          "gcd",
          "lcm",
          "igamma",
          "igammac");

  private static final Map<String, Entry> ENTRIES = collect();

  private Catalog() {}

  /** All entries by PyTorch's name. */
  public static Map<String, Entry> entries() {
    return ENTRIES;
  }

  public static Optional<Entry> find(String name) {
    return Optional.ofNullable(ENTRIES.get(name));
  }

  private static Map<String, Entry> collect() {
    Map<String, Entry> all = new TreeMap<>();
    List.of(
            PointwiseEntries.ALL,
            ActivationEntries.ALL,
            LossEntries.ALL,
            SpatialEntries.ALL,
            PoolEntries.ALL,
            ReductionEntries.ALL,
            MaskedEntries.ALL,
            StatisticsEntries.ALL,
            MovementEntries.ALL,
            ArrangementEntries.ALL,
            FourierEntries.ALL,
            IndexingEntries.ALL,
            SortingEntries.ALL,
            LinearAlgebraEntries.ALL,
            LinalgEntries.ALL,
            SpectralEntries.ALL,
            FunctionalEntries.ALL,
            MixingEntries.ALL,
            CreationEntries.ALL,
            RandomEntries.ALL)
        .forEach(family -> family.forEach(e -> add(all, e)));
    Ops.pointwise()
        .forEach(
            (name, op) -> {
              if (op.arity() <= 2 && !PARTS.contains(name)) {
                all.putIfAbsent(name, pointwise(op));
              }
            });
    Ops.folds()
        .forEach(
            (name, fold) -> {
              if (fold.finish().size() == 1) {
                all.putIfAbsent(name, reduction(name, fold));
              }
            });
    return Collections.unmodifiableMap(all);
  }

  private static void add(Map<String, Entry> all, Entry e) {
    if (all.put(e.name(), e) != null) {
      throw new IllegalStateException("two entries for " + e.name());
    }
  }

  /** The entry of a pointwise operator of one or two inputs. */
  static Entry pointwise(Pointwise op) {
    String name = op.name();
    if (op.arity() == 1) {
      return Entry.entry(name, javaName(name), a -> a.self().apply(op));
    }
    boolean numbers = !TENSORS_ONLY.contains(name);
    return Entry.entry(
        name,
        javaName(name),
        a -> a.self().apply(op, numbers ? a.operand("other") : a.tensor("other")));
  }

  /** The entry of a reduction with one output. */
  private static Entry reduction(String name, Fold fold) {
    return Entry.entry(
        name,
        javaName(name),
        a -> {
          int[] axes = a.axes("dim");
          boolean keepdim = a.flag("keepdim", false);
          Optional<DType> type = a.maybeDtype("dtype");
          Tensor x = type.map(a.self()::to).orElse(a.self());
          int[] checked = x.dim() == 0 ? new int[0] : x.shape().axes(axes);
          Tensor y = Dispatcher.call(Reduction.of(fold, checked, keepdim), x);
          return type.map(y::to).orElse(y);
        });
  }

  /** The method of PyTorch's {@code name} in our API, by convention. */
  static String javaName(String name) {
    for (Map.Entry<String, String> e :
        Map.of("nn.functional.", "F.", "special.", "Special.", "linalg.", "Linalg.").entrySet()) {
      if (name.startsWith(e.getKey())) {
        return e.getValue() + camelCase(name.substring(e.getKey().length()));
      }
    }
    return "Tensor." + camelCase(name);
  }

  private static String camelCase(String name) {
    StringBuilder out = new StringBuilder();
    for (String word : name.split("_")) {
      boolean first = out.isEmpty();
      out.append(first ? word : Character.toUpperCase(word.charAt(0)) + word.substring(1));
    }
    return out.toString();
  }
}
