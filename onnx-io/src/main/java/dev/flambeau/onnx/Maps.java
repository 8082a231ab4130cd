package dev.flambeau.onnx;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Maps from and to tensors. */
final class Maps {
  private Maps() {}

  private static List<Object> names(Call c, String strings, String integers) {
    List<Object> names = new ArrayList<>(c.node().strings(strings));
    if (names.isEmpty()) {
      Arrays.stream(c.node().ints(integers, new long[0])).forEach(names::add);
    }
    return names;
  }

  /** A map for each row (N, keys); the values are views of the row. */
  static OnnxValue[] zip(Call c) {
    Tensor x = c.in(0);
    List<Object> keys = names(c, "classlabels_strings", "classlabels_int64s");
    if (x.dim() < 1 || x.dim() > 2 || x.size(-1) != keys.size()) {
      throw c.bad("X", x.shape(), "[N, " + keys.size() + "] or [" + keys.size() + "]");
    }
    Tensor rows = x.dim() == 1 ? x.unsqueeze(0) : x;
    // An entry of the map, its value and the tensor in it.
    c.takes(Math.multiplyExact(rows.numel(), 6L), 0);
    List<OnnxValue> maps = new ArrayList<>();
    for (long row = 0; row < rows.size(0); row++) {
      Tensor values = rows.select(0, row);
      Map<Object, OnnxValue> map = new LinkedHashMap<>();
      for (int k = 0; k < keys.size(); k++) {
        map.put(keys.get(k), c.like(0, values.select(0, k))[0]);
      }
      maps.add(new OnnxValue.Dictionary(map));
    }
    return new OnnxValue[] {new OnnxValue.Sequence(maps)};
  }

  /** A map whose values are single numbers or strings. */
  private static Map<Object, OnnxValue> map(Call c, OnnxValue value) {
    if (!(value instanceof OnnxValue.Dictionary d)) {
      throw c.bad("X", value.describe(), "a map");
    }
    for (OnnxValue v : d.entries().values()) {
      boolean single =
          v instanceof OnnxValue.Numbers n && n.tensor().numel() == 1
              || v instanceof OnnxValue.Texts t && t.strings().size() == 1;
      if (!single) {
        throw c.bad("X", v.describe() + " in it", "single numbers or strings");
      }
    }
    return d.entries();
  }

  /** The values (1, n) by ascending key, or each at the place its key says (1, max_map). */
  static OnnxValue[] cast(Call c) {
    Map<Object, OnnxValue> entries = map(c, c.value(0));
    String to = c.node().s("cast_to", "TO_FLOAT");
    ElementType type =
        switch (to) {
          case "TO_FLOAT" -> ElementType.FLOAT;
          case "TO_INT64" -> ElementType.INT64;
          case "TO_STRING" -> ElementType.STRING;
          default -> throw c.bad("cast_to", to, "TO_FLOAT, TO_INT64, TO_STRING");
        };
    TreeMap<Long, OnnxValue> sorted = new TreeMap<>();
    entries.forEach(
        (key, value) -> {
          if (!(key instanceof Long number)) {
            throw c.bad("X", "key " + key, "integers as keys");
          }
          sorted.put(number, value);
        });
    boolean dense = c.node().s("map_form", "DENSE").equals("DENSE");
    long count = dense ? sorted.size() : c.node().i("max_map", 1);
    Limits.checked(c.name(), count);
    if (!dense && !sorted.isEmpty() && (sorted.firstKey() < 0 || sorted.lastKey() >= count)) {
      throw c.bad("X", "keys " + sorted.firstKey() + " to " + sorted.lastKey(), "0 to max_map - 1");
    }
    Object[] places = dense ? sorted.keySet().toArray() : null;
    c.takes(count, 0);
    List<OnnxValue> values = new ArrayList<>();
    for (long i = 0; i < count; i++) {
      OnnxValue value = sorted.get(dense ? places[(int) i] : (Object) i);
      values.add(value == null ? null : converted(c, value, type));
    }
    return new OnnxValue[] {table(values, type, "0.f", 1, count)};
  }

  /** Floats as strings have six decimals, as C++ writes them. */
  private static OnnxValue converted(Call c, OnnxValue value, ElementType to) {
    if (to == ElementType.STRING
        && value instanceof OnnxValue.Numbers n
        && n.tensor().dtype().isFloat()) {
      double number = Call.doubles(n.tensor())[0];
      return new OnnxValue.Texts(List.of(String.format(Locale.ROOT, "%.6f", number)), Shape.of());
    }
    return Casting.cast(value, to, c)[0];
  }

  /** Single values as a table; null is nothing, for which strings have {@code blank}. */
  private static OnnxValue table(
      List<OnnxValue> values, ElementType type, String blank, long rows, long columns) {
    if (type == ElementType.STRING) {
      List<String> out = new ArrayList<>();
      for (OnnxValue v : values) {
        out.add(v == null ? blank : ((OnnxValue.Texts) v).strings().getFirst());
      }
      return new OnnxValue.Texts(out, Shape.of(rows, columns));
    }
    DType stored = type.require("map");
    List<Tensor> out = new ArrayList<>();
    for (OnnxValue v : values) {
      Tensor t = v == null ? Torch.zeros(stored) : ((OnnxValue.Numbers) v).tensor();
      out.add(t.reshape(1));
    }
    Tensor all = out.isEmpty() ? Torch.zeros(stored, 0) : Torch.cat(out, 0);
    return new OnnxValue.Numbers(all.reshape(rows, columns), type);
  }

  /** A map's values in the order of a vocabulary (1, words); of a sequence of maps (N, words). */
  static OnnxValue[] vectorize(Call c) {
    List<Object> words = names(c, "string_vocabulary", "int64_vocabulary");
    boolean several = c.value(0) instanceof OnnxValue.Sequence;
    List<OnnxValue> maps = several ? c.sequence(0).items() : List.of(c.value(0));
    ElementType type =
        maps.stream()
            .flatMap(m -> map(c, m).values().stream())
            .findFirst()
            .flatMap(OnnxValue::element)
            .orElse(ElementType.FLOAT);
    Limits.checked(c.name(), maps.size(), words.size());
    c.takes(Math.multiplyExact((long) maps.size(), words.size()), 0);
    List<OnnxValue> values = new ArrayList<>();
    for (OnnxValue each : maps) {
      Map<Object, OnnxValue> entries = map(c, each);
      for (Object word : words) {
        OnnxValue value = entries.get(word);
        if (value != null && !value.element().equals(Optional.of(type))) {
          throw c.bad("X", value.describe() + " in it", "values of one type");
        }
        values.add(value);
      }
    }
    return new OnnxValue[] {table(values, type, "", maps.size(), words.size())};
  }
}
