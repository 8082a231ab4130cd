package dev.flambeau.onnx;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * Strings as numbers, so that what moves numbers moves strings: an operator is given tensors of
 * places in a sorted table of all strings among its inputs, and its results are looked up there.
 * Equal strings have equal places, greater ones (by code points) greater places, and the empty
 * string, with which ONNX pads, is at 0.
 */
final class TextTable {
  /** Operators that are right for strings if they are for numbers. */
  private static final Set<String> MOVING =
      Set.of(
          "ArrayFeatureExtractor",
          "CenterCropPad",
          "Compress",
          "Concat",
          "ConcatFromSequence",
          "DepthToSpace",
          "Equal",
          "Expand",
          "Flatten",
          "Gather",
          "GatherElements",
          "GatherND",
          "NonZero",
          "OneHot",
          "Pad",
          "Reshape",
          "ReverseSequence",
          "Scatter",
          "ScatterElements",
          "ScatterND",
          "Shape",
          "Size",
          "Slice",
          "SpaceToDepth",
          "Split",
          "SplitToSequence",
          "Squeeze",
          "TensorScatter",
          "Tile",
          "Transpose",
          "Trilu",
          "Unique",
          "Unsqueeze",
          "Where");

  /** Marks tensors of places; none of these operators gives such numbers of its own accord. */
  private static final ElementType PLACE = ElementType.UINT64;

  /** Added to all places but 0, so that other numbers among them are noticed. */
  private static final long BASE = 1L << 40;

  private final String[] texts;
  private final Map<String, Long> places = new HashMap<>();

  /**
   * @param values what is to be moved; only strings, alone or in sequences, count
   */
  TextTable(List<OnnxValue> values) {
    TreeSet<String> sorted = new TreeSet<>(TextTable::compare);
    sorted.add("");
    values.forEach(value -> collect(value, sorted));
    texts = sorted.toArray(String[]::new);
    for (int i = 0; i < texts.length; i++) {
      places.put(texts[i], i == 0 ? 0 : BASE + i);
    }
  }

  private static int compare(String a, String b) {
    for (int i = 0; i < Math.min(a.length(), b.length()); i++) {
      char x = a.charAt(i);
      char y = b.charAt(i);
      if (x != y) {
        // Halves of a pair stand for code points above all others.
        boolean pair = Character.isSurrogate(x);
        return pair == Character.isSurrogate(y) ? x - y : pair ? 1 : -1;
      }
    }
    return a.length() - b.length();
  }

  private static void collect(OnnxValue value, Set<String> into) {
    if (value instanceof OnnxValue.Texts t) {
      into.addAll(t.strings());
    } else if (value instanceof OnnxValue.Sequence s) {
      s.items().forEach(item -> collect(item, into));
    }
  }

  /** The operator for strings too, if it only moves or compares what it is given. */
  static Registry.Operator moving(String type, Registry.Operator operator) {
    return MOVING.contains(type) ? call -> apply(call, operator) : operator;
  }

  private static OnnxValue[] apply(Call call, Registry.Operator operator) {
    List<OnnxValue> texts =
        IntStream.range(0, call.count())
            .filter(call::has)
            .mapToObj(call::value)
            .filter(value -> value.element().filter(e -> e == ElementType.STRING).isPresent())
            .toList();
    if (texts.isEmpty()) {
      return operator.apply(call);
    }
    if (!call.node().s("reduction", "none").equals("none")) {
      throw call.bad("reduction", call.node().s("reduction", ""), "none for strings");
    }
    TextTable table = new TextTable(texts);
    OnnxValue[] results = operator.apply(call.with(table::places));
    for (int i = 0; i < results.length; i++) {
      results[i] = results[i] == null ? null : table.texts(results[i], call);
    }
    return results;
  }

  /** The value with places for strings. */
  OnnxValue places(OnnxValue value) {
    return switch (value) {
      case OnnxValue.Texts t -> {
        long[] out = t.strings().stream().mapToLong(places::get).toArray();
        yield new OnnxValue.Numbers(Torch.tensor(out, t.shape().sizes()), PLACE);
      }
      case OnnxValue.Sequence s when s.element().filter(e -> e == ElementType.STRING).isPresent() ->
          new OnnxValue.Sequence(s.items().stream().map(this::places).toList());
      default -> value;
    };
  }

  /** The value with strings for places. */
  OnnxValue texts(OnnxValue value, Call call) {
    return switch (value) {
      case OnnxValue.Numbers(Tensor t, ElementType type) when type == PLACE -> {
        long count = Limits.checked(call.name(), t.shape().sizes());
        call.takes(0, 8 * count);
        String[] out = new String[Math.toIntExact(count)];
        long[] at = t.to(DType.I64).contiguous().reshape(-1).toLongArray();
        for (int i = 0; i < out.length; i++) {
          long place = at[i] == 0 ? 0 : at[i] - BASE;
          if (place < 0 || place >= texts.length) {
            throw call.bad("inputs", "numbers among strings", "strings");
          }
          out[i] = texts[(int) place];
        }
        yield new OnnxValue.Texts(List.of(out), t.shape());
      }
      case OnnxValue.Sequence s -> {
        List<OnnxValue> items = s.items().stream().map(item -> texts(item, call)).toList();
        yield new OnnxValue.Sequence(
            items, s.element().map(e -> e == PLACE ? ElementType.STRING : e));
      }
      default -> value;
    };
  }
}
