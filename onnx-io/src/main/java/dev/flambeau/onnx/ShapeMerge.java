package dev.flambeau.onnx;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BinaryOperator;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Two types for one value: what both have in common, or what both say together. */
final class ShapeMerge {
  private final Supplier<Size> fresh;
  private final Predicate<Size> any;

  /**
   * @param fresh gives open sizes
   * @param any whether a size of the first type stands for any size already
   */
  ShapeMerge(Supplier<Size> fresh, Predicate<Size> any) {
    this.fresh = fresh;
    this.any = any;
  }

  /** The type of a value that is one or the other. */
  ValueType join(ValueType a, ValueType b) {
    if (a instanceof ValueType.Dense x && b instanceof ValueType.Dense y) {
      return new ValueType.Dense(joined(x.type(), y.type()), shapes(x.sizes(), y.sizes()));
    }
    if (a instanceof ValueType.Sparse x && b instanceof ValueType.Sparse y) {
      return new ValueType.Sparse(joined(x.type(), y.type()), shapes(x.sizes(), y.sizes()));
    }
    if (a instanceof ValueType.Sequence x && b instanceof ValueType.Sequence y && x.empty()) {
      return y;
    }
    boolean grown =
        a instanceof ValueType.Sequence && b instanceof ValueType.Sequence y && y.empty();
    return grown ? a : inside(a, b, this::join);
  }

  private static ValueType inside(ValueType a, ValueType b, BinaryOperator<ValueType> both) {
    if (a instanceof ValueType.Sequence(ValueType x, boolean empty)
        && b instanceof ValueType.Sequence(ValueType y, _)) {
      return new ValueType.Sequence(both.apply(x, y), empty);
    }
    if (a instanceof ValueType.Maybe(ValueType x) && b instanceof ValueType.Maybe(ValueType y)) {
      return new ValueType.Maybe(both.apply(x, y));
    }
    if (a instanceof ValueType.Dictionary(ElementType k, ValueType x)
        && b instanceof ValueType.Dictionary(ElementType l, ValueType y)
        && k == l) {
      return new ValueType.Dictionary(k, both.apply(x, y));
    }
    return new ValueType.Unknown();
  }

  private static Optional<ElementType> joined(Optional<ElementType> a, Optional<ElementType> b) {
    return a.equals(b) ? a : Optional.empty();
  }

  private Optional<List<Size>> shapes(Optional<List<Size>> a, Optional<List<Size>> b) {
    if (a.isEmpty() || b.isEmpty() || a.get().size() != b.get().size()) {
      return Optional.empty();
    }
    List<Size> sizes = new ArrayList<>();
    for (int i = 0; i < a.get().size(); i++) {
      Size x = a.get().get(i);
      sizes.add(x.same(b.get().get(i)) || any.test(x) ? x : fresh.get());
    }
    return Optional.of(sizes);
  }

  /** Whether both are the same type with the same sizes. */
  static boolean same(ValueType a, ValueType b) {
    return a.describe().equals(b.describe());
  }

  /** Whether a value can have both types: what both know agrees. */
  static boolean agree(ValueType a, ValueType b) {
    if (a instanceof ValueType.Unknown || b instanceof ValueType.Unknown) {
      return true;
    }
    return switch (a) {
      case ValueType.Dense x ->
          b instanceof ValueType.Dense y && agree(x.type(), x.sizes(), y.type(), y.sizes());
      case ValueType.Sparse x ->
          b instanceof ValueType.Sparse y && agree(x.type(), x.sizes(), y.type(), y.sizes());
      case ValueType.Sequence(ValueType x, _) ->
          b instanceof ValueType.Sequence(ValueType y, _) && agree(x, y);
      case ValueType.Maybe(ValueType x) -> b instanceof ValueType.Maybe(ValueType y) && agree(x, y);
      case ValueType.Dictionary(ElementType k, ValueType x) ->
          b instanceof ValueType.Dictionary(ElementType l, ValueType y) && k == l && agree(x, y);
      case ValueType.Unknown _ -> true;
    };
  }

  private static boolean agree(
      Optional<ElementType> t,
      Optional<List<Size>> a,
      Optional<ElementType> u,
      Optional<List<Size>> b) {
    if (t.isPresent() && u.isPresent() && t.get() != u.get()) {
      return false;
    }
    if (a.isEmpty() || b.isEmpty()) {
      return true;
    }
    boolean agree = a.get().size() == b.get().size();
    for (int i = 0; agree && i < a.get().size(); i++) {
      agree = !a.get().get(i).differs(b.get().get(i));
    }
    return agree;
  }

  /**
   * What was found, completed by what a file declares for the value; both must agree.
   *
   * @param open whether a size that was found says nothing
   */
  static ValueType complete(ValueType found, ValueType declared, Predicate<Size> open) {
    if (found instanceof ValueType.Unknown) {
      return declared;
    }
    if (found instanceof ValueType.Dense x && declared instanceof ValueType.Dense y) {
      return new ValueType.Dense(x.type().or(y::type), complete(x.sizes(), y.sizes(), open));
    }
    if (found instanceof ValueType.Sparse x && declared instanceof ValueType.Sparse y) {
      return new ValueType.Sparse(x.type().or(y::type), complete(x.sizes(), y.sizes(), open));
    }
    ValueType inside = inside(found, declared, (x, y) -> complete(x, y, open));
    return inside instanceof ValueType.Unknown ? found : inside;
  }

  private static Optional<List<Size>> complete(
      Optional<List<Size>> found, Optional<List<Size>> declared, Predicate<Size> open) {
    if (found.isEmpty() || declared.isEmpty()) {
      return found.or(() -> declared);
    }
    List<Size> sizes = new ArrayList<>();
    for (int i = 0; i < found.get().size(); i++) {
      Size x = found.get().get(i);
      Size y = declared.get().get(i);
      sizes.add(open.test(x) && !open.test(y) ? y : x);
    }
    return Optional.of(sizes);
  }
}
