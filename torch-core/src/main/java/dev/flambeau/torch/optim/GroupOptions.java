package dev.flambeau.torch.optim;

import dev.flambeau.torch.TorchException;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What the parameters of a group share: learning rate and the like, by PyTorch's names. A change
 * takes effect at the next step.
 *
 * @param <O> the options of one kind of optimizer
 */
public abstract class GroupOptions<O extends GroupOptions<O>> {
  private final Map<String, Object> values = new LinkedHashMap<>();
  private final Map<String, Range> ranges = new HashMap<>();

  /** Entries of PyTorch's param_groups that mean nothing here, kept for its sake. */
  private final Map<String, Object> others = new LinkedHashMap<>();

  GroupOptions(double lr) {
    define("lr", lr, Range.NOT_NEGATIVE);
  }

  /** An option, its default, which also says its type, and what is allowed. */
  final void define(String name, Object value, Range range) {
    values.put(name, value);
    ranges.put(name, range);
  }

  final void define(String name, boolean value) {
    define(name, value, Range.FLAG);
  }

  /** An entry PyTorch has and this optimizer has no use for. */
  final void foreign(String name, Object value) {
    others.put(name, value);
  }

  /** The learning rate. */
  public final double lr() {
    return number("lr");
  }

  /** The learning rate, 0 or more. */
  public final O lr(double value) {
    return set("lr", value);
  }

  /** PyTorch's names of the options, in its order. */
  public final Iterable<String> names() {
    return Collections.unmodifiableSet(values.keySet());
  }

  /** Whether there is such an option. */
  public final boolean has(String name) {
    return values.containsKey(name);
  }

  /** An option's value: Double, Long, Boolean, String, a List of Doubles, or null for None. */
  public final Object get(String name) {
    if (!values.containsKey(name)) {
      throw TorchException.argument(owner(), "option", name, values.keySet().toString());
    }
    return values.get(name);
  }

  /** An option that is a number. */
  public final double number(String name) {
    Object value = values.get(name);
    return value instanceof Number n ? n.doubleValue() : ((Number) get(name)).doubleValue();
  }

  /** Number {@code index} of an option that has several. */
  public final double number(String name, int index) {
    return ((Number) ((List<?>) get(name)).get(index)).doubleValue();
  }

  /** An option that is on or off. */
  public final boolean flag(String name) {
    return (Boolean) get(name);
  }

  /**
   * Sets an option by PyTorch's name.
   *
   * @throws TorchException if there is none of this name, or the value is of another type or out of
   *     range
   */
  public final O set(String name, Object value) {
    get(name); // refuses names that are none
    Range range = ranges.get(name);
    Object converted = range.convert().apply(value);
    if (converted == Range.REFUSED) {
      throw TorchException.argument(owner(), name, value, range.allowed());
    }
    values.put(name, converted);
    return self();
  }

  /** The learning rate before any scheduler changed it, once there is a scheduler. */
  public final Optional<Double> initialLr() {
    return Optional.ofNullable((Double) others.get("initial_lr"));
  }

  /** For schedulers: the learning rate they start from. */
  public final O initialLr(double value) {
    others.put("initial_lr", value);
    return self();
  }

  /** What no single option can say; by default nothing. */
  void check() {}

  /** Takes over another's values. */
  final void copy(GroupOptions<O> other) {
    values.putAll(other.values);
    others.putAll(other.others);
  }

  /** As PyTorch writes it into param_groups, without the parameters. */
  final Map<String, Object> toMap() {
    Map<String, Object> all = new LinkedHashMap<>(values);
    all.putAll(others);
    return all;
  }

  /** The other way round; entries that are unknown here are kept. */
  final void load(Map<?, ?> saved) {
    saved.forEach(
        (key, value) -> {
          String name = String.valueOf(key);
          if (values.containsKey(name)) {
            set(name, value);
          } else if (name.equals("initial_lr") && value instanceof Number n) {
            initialLr(n.doubleValue());
          } else if (!name.equals("params")) {
            others.put(name, value);
          }
        });
    check();
  }

  /** Which options are on or not 0: what the form of an update may depend on. */
  final String switches() {
    StringBuilder on = new StringBuilder();
    values.forEach(
        (name, value) -> {
          boolean isOn =
              switch (value) {
                case null -> false;
                case Boolean b -> b;
                case Number n -> n.doubleValue() != 0;
                default -> false;
              };
          if (isOn) {
            on.append(on.isEmpty() ? "" : ",").append(name);
          }
        });
    return on.toString();
  }

  private String owner() {
    Class<?> outer = getClass().getEnclosingClass();
    return Objects.requireNonNullElse(outer, getClass()).getSimpleName();
  }

  @SuppressWarnings("unchecked") // by its own declaration, this is an O
  private O self() {
    return (O) this;
  }

  @Override
  public final String toString() {
    return values.toString();
  }
}
