package dev.flambeau.onnx;

import static dev.flambeau.onnx.Registry.since;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Sequences, and optionals, which are their value or {@link OnnxValue.Nothing}. */
final class Sequences {
  private Sequences() {}

  static void register(Registry r) {
    r.values("SequenceEmpty", since(11), Sequences::empty);
    r.values("SequenceConstruct", since(11), Sequences::construct);
    r.values("SequenceAt", since(11), c -> one(items(c).get(place(c, 1, items(c).size()))));
    r.values("SequenceInsert", since(11), Sequences::insert);
    r.values("SequenceErase", since(11), Sequences::erase);
    r.plain("SequenceLength", since(11), c -> number(items(c).size()));
    r.values("SplitToSequence", since(11), Sequences::split);
    r.values("ConcatFromSequence", since(11), Sequences::join);
    r.values("SequenceMap", since(17), Sequences::map);
    r.values("Optional", since(15), c -> one(c.has(0) ? c.value(0) : new OnnxValue.Nothing()));
    r.plain("OptionalHasElement", since(15), c -> truth(isThere(c)));
    r.values("OptionalGetElement", since(15), Sequences::element);
  }

  private static OnnxValue[] one(OnnxValue value) {
    return new OnnxValue[] {value};
  }

  private static Tensor[] number(long value) {
    return new Tensor[] {Torch.full(DType.I64, value)};
  }

  private static Tensor[] truth(boolean value) {
    return new Tensor[] {Torch.full(DType.BOOL, value ? 1 : 0)};
  }

  private static List<OnnxValue> items(Call c) {
    return c.sequence(0).items();
  }

  private static OnnxValue[] empty(Call c) {
    ElementType type = c.node().element("dtype", ElementType.FLOAT);
    return one(new OnnxValue.Sequence(List.of(), Optional.of(type)));
  }

  private static OnnxValue[] construct(Call c) {
    List<OnnxValue> items = new ArrayList<>();
    c.takes(c.count(), 0);
    for (int i = 0; i < c.count(); i++) {
      items.add(same(c, i, items));
    }
    return one(new OnnxValue.Sequence(items));
  }

  /** An input that has the element type of the others in a sequence. */
  private static OnnxValue same(Call c, int input, List<OnnxValue> others) {
    OnnxValue value = c.value(input);
    if (!(value instanceof OnnxValue.Numbers || value instanceof OnnxValue.Texts)) {
      throw c.bad("input " + input, value.describe(), "a tensor");
    }
    Optional<ElementType> type = others.stream().findFirst().flatMap(OnnxValue::element);
    if (type.isPresent() && !type.equals(value.element())) {
      throw c.bad("input " + input, value.describe(), "a tensor of " + type.get());
    }
    return value;
  }

  /** A place from an input; below zero they count from the end. */
  private static int place(Call c, int input, int count) {
    long at = c.scalarLong(input);
    if (at < -count || at >= count) {
      throw c.bad("position", at, count == 0 ? "none: it is empty" : -count + " to " + (count - 1));
    }
    return (int) (at < 0 ? at + count : at);
  }

  private static OnnxValue[] insert(Call c) {
    List<OnnxValue> items = new ArrayList<>(items(c));
    OnnxValue item = same(c, 1, items);
    // One place more than there are items: behind the last; -1 is before the last.
    long at = c.has(2) ? c.scalarLong(2) : items.size();
    items.add(at == items.size() ? items.size() : place(c, 2, items.size()), item);
    c.takes(0, 8L * items.size());
    return one(new OnnxValue.Sequence(items));
  }

  private static OnnxValue[] erase(Call c) {
    List<OnnxValue> items = new ArrayList<>(items(c));
    if (items.isEmpty()) {
      throw c.bad("input 0", "an empty sequence", "one item or more");
    }
    items.remove(c.has(1) ? place(c, 1, items.size()) : items.size() - 1);
    c.takes(0, 8L * items.size());
    return one(new OnnxValue.Sequence(items, c.sequence(0).element()));
  }

  /**
   * Parts of one size or of the sizes given; without any, the slices, of size 1 or without axis.
   */
  private static OnnxValue[] split(Call c) {
    Tensor x = c.in(0);
    int axis = c.axis(0, x);
    long size = x.size(axis);
    List<OnnxValue> parts = new ArrayList<>();
    if (c.has(1) && c.in(1).dim() > 0) {
      long[] sizes = c.longs(1);
      c.takes(sizes.length, 0);
      long start = 0;
      for (long each : sizes) {
        parts.add(c.like(0, x.narrow(axis, start, each))[0]);
        start += each;
      }
      if (start != size) {
        throw c.bad("split", "a sum of " + start, "" + size);
      }
      return one(new OnnxValue.Sequence(parts, Optional.of(c.element(0))));
    }
    long each = c.has(1) ? c.scalarLong(1) : 1;
    if (each < 1) {
      throw c.bad("split", each, "1 or more");
    }
    c.takes(Math.ceilDiv(size, each), 0);
    boolean keep = c.has(1) || c.node().flag("keepdims", true);
    for (long start = 0; start < size; start += each) {
      Tensor part =
          keep ? x.narrow(axis, start, Math.min(each, size - start)) : x.select(axis, start);
      parts.add(c.like(0, part)[0]);
    }
    return one(new OnnxValue.Sequence(parts, Optional.of(c.element(0))));
  }

  private static OnnxValue[] join(Call c) {
    List<Tensor> tensors = new ArrayList<>();
    for (OnnxValue item : items(c)) {
      if (!(item instanceof OnnxValue.Numbers n)) {
        throw c.bad("input 0", item.describe() + " in it", "a sequence of tensors");
      }
      tensors.add(n.tensor());
    }
    if (tensors.isEmpty()) {
      throw c.bad("input 0", "an empty sequence", "one tensor or more");
    }
    int axis = c.axis(c.node().i("axis", 0));
    boolean stacked = c.node().flag("new_axis", false);
    Tensor all = stacked ? Torch.stack(tensors, axis) : Torch.cat(tensors, axis);
    return one(new OnnxValue.Numbers(all, items(c).getFirst().element().orElseThrow()));
  }

  /** The body for each item of the first sequence, with that of the others and whole tensors. */
  private static OnnxValue[] map(Call c) {
    int count = items(c).size();
    List<Block.Port> ports = c.bodyOutputs("body");
    List<List<OnnxValue>> results = new ArrayList<>();
    ports.forEach(_ -> results.add(new ArrayList<>()));
    for (int k = 0; k < count; k++) {
      OnnxValue[] given = new OnnxValue[c.count()];
      for (int i = 0; i < given.length; i++) {
        given[i] = c.value(i);
        if (given[i] instanceof OnnxValue.Sequence s) {
          if (s.items().size() != count) {
            throw c.bad("input " + i, s.describe(), "a sequence of " + count);
          }
          given[i] = s.items().get(k);
        }
      }
      OnnxValue[] out = c.body("body", given);
      c.takes(out.length, 0);
      for (int i = 0; i < out.length; i++) {
        results.get(i).add(out[i]);
      }
    }
    OnnxValue[] out = new OnnxValue[ports.size()];
    for (int i = 0; i < out.length; i++) {
      List<OnnxValue> items = results.get(i);
      Optional<ElementType> first = items.stream().findFirst().flatMap(OnnxValue::element);
      Optional<ElementType> declared = ports.get(i).type().element();
      out[i] = new OnnxValue.Sequence(items, first.or(() -> declared));
    }
    return out;
  }

  private static boolean isThere(Call c) {
    return c.has(0) && !(c.value(0) instanceof OnnxValue.Nothing);
  }

  private static OnnxValue[] element(Call c) {
    if (!isThere(c)) {
      throw c.bad("input", "an optional without value", "one with a value");
    }
    return one(c.value(0));
  }
}
