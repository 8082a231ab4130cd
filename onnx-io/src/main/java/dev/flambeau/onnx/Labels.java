package dev.flambeau.onnx;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;

/** Values looked up by keys of another kind. */
final class Labels {
  private Labels() {}

  static void register(Registry r) {
    r.values("CategoryMapper", c -> both(c, "cats_strings", categories(c)));
    r.values("LabelEncoder", Labels::encode);
    r.values("ZipMap", Maps::zip);
    r.values("CastMap", Maps::cast);
    r.values("DictVectorizer", Maps::vectorize);
  }

  /**
   * @param places of the keys among the values
   * @param values with what stands for unknown keys as the last
   */
  private record Lookup(Map<Object, Integer> places, OnnxValue values) {
    static Lookup of(List<Object> keys, OnnxValue values, boolean last) {
      Map<Object, Integer> places = new HashMap<>();
      for (int i = 0; i < keys.size(); i++) {
        if (last) {
          places.put(keys.get(i), i);
        } else {
          places.putIfAbsent(keys.get(i), i);
        }
      }
      return new Lookup(places, values);
    }

    OnnxValue find(Call c, OnnxValue input) {
      List<Object> keys = keys(c, input);
      int[] at = new int[keys.size()];
      for (int i = 0; i < at.length; i++) {
        at[i] = places.getOrDefault(keys.get(i), -1);
      }
      return pick(c, values, at, shape(c, input));
    }
  }

  private static Shape shape(Call c, OnnxValue value) {
    return switch (value) {
      case OnnxValue.Texts t -> t.shape();
      case OnnxValue.Numbers n -> n.tensor().shape();
      default -> throw c.bad("X", value.describe(), "a tensor");
    };
  }

  /** Elements as keys: strings, integers, or floats, among which NaN is one and zero is one. */
  static List<Object> keys(Call c, OnnxValue value) {
    List<Object> keys = new ArrayList<>();
    switch (value) {
      case OnnxValue.Texts t -> keys.addAll(t.strings());
      case OnnxValue.Numbers n when n.tensor().dtype().isFloat() -> {
        for (double d : Call.doubles(n.tensor())) {
          keys.add(d == 0 ? 0.0 : d);
        }
      }
      case OnnxValue.Numbers n -> {
        Tensor line = n.tensor().to(DType.I64).contiguous().reshape(-1);
        Arrays.stream(line.toLongArray()).forEach(keys::add);
      }
      default -> throw c.bad("X", value.describe(), "a tensor");
    }
    return keys;
  }

  /** Values at places; -1 is the last. */
  private static OnnxValue pick(Call c, OnnxValue values, int[] at, Shape shape) {
    if (values instanceof OnnxValue.Texts t) {
      c.takes(0, 8L * at.length);
      String[] out = new String[at.length];
      for (int i = 0; i < at.length; i++) {
        out[i] = t.strings().get(at[i] < 0 ? t.strings().size() - 1 : at[i]);
      }
      return new OnnxValue.Texts(List.of(out), shape);
    }
    OnnxValue.Numbers n = (OnnxValue.Numbers) values;
    long last = n.tensor().numel() - 1;
    long[] index = Arrays.stream(at).mapToLong(i -> i < 0 ? last : i).toArray();
    Tensor picked = n.tensor().indexSelect(0, Torch.tensor(index, index.length));
    return new OnnxValue.Numbers(picked.reshape(shape.sizes()), n.type());
  }

  private static OnnxValue longs(long[] values, long last) {
    long[] all = Arrays.copyOf(values, values.length + 1);
    all[values.length] = last;
    return OnnxValue.of(Torch.tensor(all, all.length));
  }

  private static OnnxValue texts(List<String> values, String last) {
    List<String> all = new ArrayList<>(values);
    all.add(last);
    return OnnxValue.of(all);
  }

  private static List<Object> boxed(long[] values) {
    return Arrays.stream(values).<Object>mapToObj(Long::valueOf).toList();
  }

  private static long[] categories(Call c) {
    long[] numbers = c.node().ints("cats_int64s", new long[0]);
    int names = c.node().strings("cats_strings").size();
    if (numbers.length != names) {
      throw c.bad("cats_int64s", numbers.length + " numbers", names + ", as many as cats_strings");
    }
    return numbers;
  }

  /** Strings give integers, integers strings. */
  private static OnnxValue[] both(Call c, String attribute, long[] numbers) {
    List<String> names = c.node().strings(attribute);
    Lookup lookup =
        c.value(0) instanceof OnnxValue.Texts
            ? Lookup.of(List.copyOf(names), longs(numbers, c.node().i("default_int64", -1)), false)
            : Lookup.of(
                boxed(numbers), texts(names, c.node().s("default_string", "_Unused")), false);
    return new OnnxValue[] {lookup.find(c, c.value(0))};
  }

  /** In version 1 an integer is the place of a string in a list. */
  private static OnnxValue[] encode(Call c) {
    if (c.opset() < 2) {
      int count = c.node().strings("classes_strings").size();
      return both(c, "classes_strings", LongStream.range(0, count).toArray());
    }
    List<Object> keys = keys(c, entries(c, "keys", false));
    OnnxValue values = entries(c, "values", true);
    if (shape(c, values).numel() != keys.size() + 1) {
      throw c.bad(
          "values_*", shape(c, values).numel() - 1 + " values", keys.size() + ", one a key");
    }
    Lookup lookup = Lookup.of(keys, values, c.opset() >= 4);
    return new OnnxValue[] {lookup.find(c, c.value(0))};
  }

  /**
   * The keys or values, whichever attribute they stand in.
   *
   * @param more whether the default comes behind them
   */
  private static OnnxValue entries(Call c, String of, boolean more) {
    Node n = c.node();
    if (n.has(of + "_strings")) {
      List<String> names = n.strings(of + "_strings");
      return more ? texts(names, n.s("default_string", "_Unused")) : OnnxValue.of(names);
    }
    if (n.has(of + "_int64s")) {
      long[] numbers = n.ints(of + "_int64s", null);
      return more
          ? longs(numbers, n.i("default_int64", -1))
          : OnnxValue.of(Torch.tensor(numbers, numbers.length));
    }
    if (n.has(of + "_floats")) {
      double[] numbers = n.floats(of + "_floats", null);
      double[] all = Arrays.copyOf(numbers, numbers.length + (more ? 1 : 0));
      if (more) {
        all[numbers.length] = n.f("default_float", -0.0);
      }
      return OnnxValue.of(Torch.tensor(all, all.length).to(DType.F32));
    }
    OnnxValue given =
        n.value(of + "_tensor").orElseThrow(() -> c.bad(of + "_*", "missing", "a list or tensor"));
    return more ? withDefault(c, given, n.value("default_tensor")) : given;
  }

  private static OnnxValue withDefault(Call c, OnnxValue given, Optional<OnnxValue> last) {
    if (given instanceof OnnxValue.Texts t) {
      boolean there = last.isPresent() && last.get() instanceof OnnxValue.Texts;
      List<String> one = there ? ((OnnxValue.Texts) last.get()).strings() : List.of("_Unused");
      if (one.size() != 1) {
        throw c.bad("default_tensor", one.size() + " strings", "one");
      }
      return texts(t.strings(), one.getFirst());
    }
    OnnxValue.Numbers n = (OnnxValue.Numbers) given;
    Tensor end =
        last.isPresent() && last.get() instanceof OnnxValue.Numbers l
            ? l.tensor()
            : Torch.full(DType.F64, n.type().isFloat() ? -0.0 : -1);
    if (end.numel() != 1) {
      throw c.bad("default_tensor", end.shape(), "one number");
    }
    Tensor line = n.tensor().reshape(-1);
    return new OnnxValue.Numbers(
        Torch.cat(List.of(line, end.reshape(1).to(line.dtype())), 0), n.type());
  }
}
