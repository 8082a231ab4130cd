package dev.flambeau.torch.catalog;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One operator: what PyTorch and we call it, and how a call of the one is said as a call of the
 * other.
 *
 * @param name PyTorch's name without {@code torch.}
 * @param java our method, as {@code Tensor.gather} or {@code F.conv2d}; empty: not offered
 * @param tolerance wider than PyTorch's own, with the reason, if needed
 * @param absent what is not offered; asserted both ways
 */
public record Entry(
    String name,
    String java,
    Binding binding,
    Comparison comparison,
    Optional<Tolerance> tolerance,
    List<Absent> absent) {

  /** Differences up to {@code absolute + relative * |expected|} pass for outputs of F32. */
  public record Tolerance(double relative, double absolute, String reason) {}

  /**
   * Cases whose id begins with {@code cases} (a dtype, say), or whose variant and id, with a space
   * between them, do; they are refused, for this reason.
   */
  public record Absent(String cases, String reason) {}

  /** An operator with one output. */
  public static Entry entry(String name, String java, Binding.Single binding) {
    return several(name, java, a -> List.of(binding.call(a)));
  }

  /** An operator with several outputs. */
  public static Entry several(String name, String java, Binding binding) {
    return new Entry(name, java, binding, Comparison.OUTPUTS, Optional.empty(), List.of());
  }

  /** An operator we do not offer. */
  public static Entry absent(String name, String reason) {
    Binding none =
        _ -> {
          throw new Arguments.NotSupported(reason);
        };
    return several(name, "", none).without("", reason);
  }

  /** The same binding under another name of PyTorch's. */
  public Entry alias(String other) {
    return new Entry(other, java, binding, comparison, tolerance, absent);
  }

  /** Compares what {@code how} says instead of the outputs. */
  public Entry compare(Comparison how) {
    return new Entry(name, java, binding, how, tolerance, absent);
  }

  /** Accepts larger differences; say why. */
  public Entry tolerance(double relative, double absolute, String reason) {
    Tolerance wider = new Tolerance(relative, absolute, reason);
    return new Entry(name, java, binding, comparison, Optional.of(wider), absent);
  }

  /** Lists cases, by the beginning of their ids, that we do not offer; say why. */
  public Entry without(String cases, String reason) {
    List<Absent> all = new ArrayList<>(absent);
    all.add(new Absent(cases, reason));
    return new Entry(name, java, binding, comparison, tolerance, List.copyOf(all));
  }

  /** Whether the operator is offered at all. */
  public boolean offered() {
    return !java.isEmpty();
  }

  /** Why a case is not offered, if so. */
  public Optional<String> reasonAgainst(String variant, String id) {
    return reason(absent, id).or(() -> reason(absent, variant + " " + id));
  }

  /** The reason of the first of these that names a case, if one does. */
  static Optional<String> reason(List<Absent> absent, String id) {
    return absent.stream().filter(a -> id.startsWith(a.cases)).map(Absent::reason).findFirst();
  }

  /** A bool as a binding's result. */
  public static Tensor value(boolean value) {
    return Torch.tensor(new boolean[] {value}).reshape();
  }

  /** A whole number as a binding's result. */
  public static Tensor value(long value) {
    return Torch.tensor(new long[] {value}).reshape();
  }
}
