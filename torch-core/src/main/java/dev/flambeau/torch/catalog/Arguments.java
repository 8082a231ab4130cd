package dev.flambeau.torch.catalog;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.nn.Module;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * The arguments of one call {@code op(input, *args, **kwargs)} of PyTorch as plain values: Tensor,
 * Long, Double, Boolean, String (also functions), DType, List, Map, {@link Slice}, {@link
 * Ellipsis}, {@link Packed}, {@link Module}, null for None; an OrderedDict is a List of Map.Entry.
 *
 * <p>Getters take arguments in the order of PyTorch's signature: each takes the next one given by
 * position or, if there is none left, the one of that name; None and absence give the default. A
 * second call with the same name gives the same value again. What a binding has not taken is found
 * by {@link #finish}.
 */
public final class Arguments {
  /** Python's {@code start:stop:step}. */
  public record Slice(OptionalLong start, OptionalLong stop, OptionalLong step) {}

  /** Python's {@code ...}. */
  public enum Ellipsis {
    ELLIPSIS
  }

  /** The call cannot be said with our API. */
  public static final class NotSupported extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public NotSupported(String reason) {
      super(reason);
    }
  }

  /** A PackedSequence of PyTorch. */
  public record Packed(
      Tensor data,
      Tensor batchSizes,
      Optional<Tensor> sortedIndices,
      Optional<Tensor> unsortedIndices) {}

  /** An argument's type is one that the parameters of our API do not take. */
  public static final class WrongType extends RuntimeException {
    private static final long serialVersionUID = 1L;

    WrongType(String name, Object got, String wanted) {
      super(name + " is " + got + "; allowed: " + wanted);
    }
  }

  private static final Object ABSENT = new Object();

  private final Object input;
  private final List<Object> args;
  private final Map<String, Object> kwargs;
  private final Map<String, Object> taken = new HashMap<>();
  private int next;

  public Arguments(Object input, List<Object> args, Map<String, Object> kwargs) {
    this.input = input;
    this.args = new ArrayList<>(args);
    this.kwargs = kwargs;
  }

  /** The first argument, whatever it is. */
  public Object input() {
    return input;
  }

  /** The first argument as a tensor. */
  public Tensor self() {
    return as(Tensor.class, "input", input, "a tensor");
  }

  /** The first argument as a list of tensors. */
  public List<Tensor> selfTensors() {
    return tensors("input", input);
  }

  /** This call with the first argument as one by position like the others. */
  public Arguments withInput() {
    args.add(0, input);
    return this;
  }

  /** Whether the next argument by position or the one of this name is there and not None. */
  public boolean has(String name) {
    return peek(name) != null;
  }

  /** Whether an argument of this name is given by name, be it None. */
  public boolean given(String name) {
    return kwargs.containsKey(name);
  }

  /** What a getter would give, left where it is; null if there is none. */
  public Object peek(String name) {
    Object value =
        taken.containsKey(name)
            ? taken.get(name)
            : next < args.size() ? args.get(next) : kwargs.getOrDefault(name, ABSENT);
    return value == ABSENT ? null : value;
  }

  /** The argument as it is; null if it is None or absent. */
  public Object value(String name) {
    Object value = peek(name);
    if (!taken.containsKey(name)) {
      taken.put(name, value);
      next = Math.min(next + 1, args.size());
    }
    return value;
  }

  /** The argument given by name; null if it is None or absent. Positions do not count. */
  public Object named(String name) {
    taken.putIfAbsent(name, kwargs.get(name));
    return taken.get(name);
  }

  /** All further arguments by position. */
  public List<Object> rest() {
    List<Object> all = List.copyOf(args.subList(next, args.size()));
    next = args.size();
    return all;
  }

  /** Takes an argument given by name that may only have one of these values. */
  public Arguments only(String name, Object... allowed) {
    Object value = named(name);
    if (value != null && !Arrays.asList(allowed).contains(value)) {
      throw new NotSupported(name + "=" + value);
    }
    return this;
  }

  private static <T> T as(Class<T> type, String name, Object value, String wanted) {
    if (!type.isInstance(value)) {
      throw new WrongType(name, text(value), wanted);
    }
    return type.cast(value);
  }

  private static String text(Object value) {
    return value instanceof Tensor t ? "a tensor " + t.dtype() + t.shape() : String.valueOf(value);
  }

  private <T> Optional<T> maybe(Class<T> type, String name, String wanted) {
    return Optional.ofNullable(value(name)).map(v -> as(type, name, v, wanted));
  }

  public Tensor tensor(String name) {
    return as(Tensor.class, name, value(name), "a tensor");
  }

  public Optional<Tensor> maybeTensor(String name) {
    return maybe(Tensor.class, name, "a tensor");
  }

  public List<Tensor> tensors(String name) {
    return tensors(name, value(name));
  }

  private static List<Tensor> tensors(String name, Object value) {
    List<?> all = as(List.class, name, value, "a list of tensors");
    return all.stream().map(v -> as(Tensor.class, name, v, "a tensor")).toList();
  }

  /** A tensor, or a number as a tensor that promotes with the input as a Python number does. */
  public Tensor operand(String name) {
    return operand(name, self());
  }

  /** The same, for a number beside {@code partner}. */
  public Tensor operand(String name, Tensor partner) {
    Object value = value(name);
    return switch (value) {
      case Tensor t -> t;
      case Number n -> partner.scalar(n);
      case null, default -> throw new WrongType(name, value, "a tensor or a number");
    };
  }

  /** A Long or a Double. */
  public Number number(String name) {
    return as(Number.class, name, value(name), "a number");
  }

  public Number number(String name, Number otherwise) {
    return maybe(Number.class, name, "a number").orElse(otherwise);
  }

  public Optional<Number> maybeNumber(String name) {
    return maybe(Number.class, name, "a number");
  }

  public double real(String name) {
    return number(name).doubleValue();
  }

  public double real(String name, double otherwise) {
    return number(name, otherwise).doubleValue();
  }

  public OptionalDouble maybeReal(String name) {
    return has(name) ? OptionalDouble.of(real(name)) : OptionalDouble.empty();
  }

  public long whole(String name) {
    return as(Long.class, name, value(name), "a whole number");
  }

  public long whole(String name, long otherwise) {
    return maybe(Long.class, name, "a whole number").orElse(otherwise);
  }

  public OptionalLong maybeWhole(String name) {
    Optional<Long> value = maybe(Long.class, name, "a whole number");
    return value.isPresent() ? OptionalLong.of(value.get()) : OptionalLong.empty();
  }

  public int axis(String name) {
    return Math.toIntExact(whole(name));
  }

  public int axis(String name, int otherwise) {
    return Math.toIntExact(whole(name, otherwise));
  }

  public OptionalInt maybeAxis(String name) {
    OptionalLong axis = maybeWhole(name);
    return axis.isPresent()
        ? OptionalInt.of(Math.toIntExact(axis.getAsLong()))
        : OptionalInt.empty();
  }

  public boolean flag(String name, boolean otherwise) {
    return maybe(Boolean.class, name, "true or false").orElse(otherwise);
  }

  public String text(String name, String otherwise) {
    return maybe(String.class, name, "a word").orElse(otherwise);
  }

  /** A module. */
  public Module module(String name) {
    return as(Module.class, name, value(name), "a module");
  }

  public DType dtype(String name) {
    return as(DType.class, name, value(name), "a dtype");
  }

  public DType dtype(String name, DType otherwise) {
    return maybeDtype(name).orElse(otherwise);
  }

  public Optional<DType> maybeDtype(String name) {
    return maybe(DType.class, name, "a dtype");
  }

  /** Whole numbers given as a tuple or as one number; these if there are none. */
  public long[] longs(String name, long... otherwise) {
    return maybeLongs(name).orElse(otherwise);
  }

  public Optional<long[]> maybeLongs(String name) {
    return Optional.ofNullable(value(name)).map(v -> longs(name, v));
  }

  private static long[] longs(String name, Object value) {
    if (value instanceof Long n) {
      return new long[] {n};
    }
    String wanted = "whole numbers";
    return ((List<?>) as(List.class, name, value, wanted))
        .stream().mapToLong(v -> as(Long.class, name, v, wanted)).toArray();
  }

  /** Axes given as a tuple or one number; none if absent. */
  public int[] axes(String name) {
    return Arrays.stream(longs(name)).mapToInt(Math::toIntExact).toArray();
  }

  /** Whole numbers given as one tuple or as all further arguments by position. */
  public long[] shape(String name) {
    if (next < args.size() && args.get(next) instanceof Long) {
      long[] all = longs(name, rest());
      taken.put(name, all);
      return all;
    }
    return longs(name);
  }

  /** Real numbers given as a tuple or as one number. */
  public Optional<double[]> maybeReals(String name) {
    Object value = value(name);
    if (value == null || value instanceof Number) {
      return Optional.ofNullable(value).map(n -> new double[] {((Number) n).doubleValue()});
    }
    List<?> all = as(List.class, name, value, "numbers");
    return Optional.of(
        all.stream()
            .mapToDouble(v -> as(Number.class, name, v, "a number").doubleValue())
            .toArray());
  }

  /**
   * Called when a binding has run.
   *
   * @throws NotSupported if an argument other than None was not taken
   */
  public void finish() {
    if (next < args.size()) {
      throw new NotSupported("argument " + (next + 1));
    }
    kwargs.forEach(
        (name, value) -> {
          if (value != null && !taken.containsKey(name)) {
            throw new NotSupported("argument " + name);
          }
        });
  }
}
