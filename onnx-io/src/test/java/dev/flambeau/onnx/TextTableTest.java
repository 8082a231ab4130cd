package dev.flambeau.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What moves numbers moves strings: the same model on both, with a string for each number. */
class TextTableTest {
  /** In the order of the numbers, with 0 for the empty one. */
  private static String text(long number) {
    return number == 0 ? "" : "%c%d".formatted((char) (0x3b0 + number), number % 7);
  }

  private static OnnxValue texts(Tensor numbers) {
    List<String> out = new ArrayList<>();
    for (long n : numbers.contiguous().reshape(-1).toLongArray()) {
      out.add(text(n));
    }
    return new OnnxValue.Texts(out, numbers.shape());
  }

  private static Tensor data(long... sizes) {
    long count = Shape.of(sizes).numel();
    return Torch.arange(count).mul(5).remainder(11).reshape(sizes);
  }

  private static Tensor longs(long... values) {
    return Torch.tensor(values, values.length);
  }

  /** A case: inputs marked as data are strings in one of the two models. */
  private record Moved(OneNode numbers, OneNode strings, int outputs) {
    Moved(String type, int outputs) {
      this(new OneNode("", type, 24), new OneNode("", type, 24), outputs);
    }

    Moved data(long... sizes) {
      numbers.on(TextTableTest.data(sizes));
      strings.on(texts(TextTableTest.data(sizes)));
      return this;
    }

    Moved on(Tensor other) {
      numbers.on(other);
      strings.on(other);
      return this;
    }

    Moved with(String name, Object value) {
      numbers.with(name, value);
      strings.with(name, value);
      return this;
    }
  }

  private static Moved moved(String type) {
    return new Moved(type, 1);
  }

  static Stream<Arguments> cases() {
    Tensor truths = Torch.tensor(new long[] {1, 0, 1, 1, 0, 0}, 2, 3).to(DType.BOOL);
    return Stream.of(
            moved("Reshape").data(2, 6).on(longs(3, 4)),
            moved("Flatten").data(2, 3, 4).with("axis", 2),
            moved("Transpose").data(2, 3, 4).with("perm", new long[] {2, 0, 1}),
            moved("Squeeze").data(2, 1, 3).on(longs(1)),
            moved("Unsqueeze").data(2, 3).on(longs(0, 3)),
            moved("Expand").data(3, 1).on(longs(2, 3, 4)),
            moved("Tile").data(2, 3).on(longs(2, 2)),
            moved("Concat").data(2, 3).data(4, 3).with("axis", 0),
            new Moved("Split", 2).data(2, 6).on(longs(2, 4)).with("axis", 1),
            moved("Slice").data(4, 5).on(longs(3)).on(longs(0)).on(longs(0)).on(longs(-2)),
            moved("Gather").data(4, 5).on(longs(3, -1, 0)).with("axis", 1),
            moved("GatherElements").data(2, 3).on(Torch.tensor(new long[] {1, 0, 1}, 1, 3)),
            moved("GatherND").data(2, 3, 2).on(Torch.tensor(new long[] {1, 0, 0, 2}, 2, 2)),
            moved("ScatterElements")
                .data(3, 3)
                .on(Torch.tensor(new long[] {2, 0}, 1, 2))
                .data(1, 2),
            moved("ScatterND").data(4, 2).on(Torch.tensor(new long[] {3, 1}, 2, 1)).data(2, 2),
            moved("Where").on(truths).data(2, 3).data(1, 3),
            moved("Compress").data(3, 2).on(truths.select(0, 0)).with("axis", 0),
            moved("Equal").data(2, 3).data(2, 1),
            new Moved("Unique", 4).data(4, 5),
            new Moved("Unique", 4).data(4, 5).with("sorted", 0),
            moved("OneHot").on(longs(2, 0, 1)).on(longs(4)).data(2),
            moved("Shape").data(2, 3),
            moved("Size").data(2, 3),
            moved("DepthToSpace").data(1, 8, 2, 3).with("blocksize", 2),
            moved("SpaceToDepth").data(1, 2, 4, 6).with("blocksize", 2),
            moved("CenterCropPad").data(3, 4).on(longs(5, 2)),
            moved("Pad").data(2, 3).on(longs(1, 0, 0, 2)),
            moved("Pad").data(2, 3).on(longs(1, 1, 0, 2)).with("mode", "reflect"),
            moved("ReverseSequence").data(3, 2).on(longs(3, 2)),
            moved("NonZero").data(3, 4),
            moved("Trilu").data(3, 4).with("upper", 0),
            moved("TensorScatter").data(1, 4, 2).data(1, 2, 2).on(longs(1)),
            moved("SplitToSequence").data(5, 2).on(Torch.full(DType.I64, 2)))
        .map(
            c -> Arguments.of(c.numbers.load(c.outputs).block().steps.getFirst().node().type(), c));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void asNumbers(String type, Object one) {
    Moved moved = (Moved) one;
    List<OnnxValue> numbers = moved.numbers.run(moved.outputs);
    List<OnnxValue> strings = moved.strings.run(moved.outputs);
    boolean data = !List.of("Equal", "Shape", "Size", "NonZero").contains(type);
    for (int i = 0; i < moved.outputs; i++) {
      boolean places = !data || type.equals("Unique") && i > 0;
      assertSame(places ? numbers.get(i) : mapped(numbers.get(i)), strings.get(i));
    }
  }

  private static OnnxValue mapped(OnnxValue value) {
    return switch (value) {
      case OnnxValue.Numbers n -> texts(n.tensor());
      case OnnxValue.Sequence s ->
          new OnnxValue.Sequence(s.items().stream().map(TextTableTest::mapped).toList());
      default -> value;
    };
  }

  private static void assertSame(OnnxValue wanted, OnnxValue got) {
    if (wanted instanceof OnnxValue.Numbers a && got instanceof OnnxValue.Numbers b) {
      assertEquals(a.tensor().shape(), b.tensor().shape());
      assertEquals(0, TestData.largestDifference(a.tensor(), b.tensor()));
    } else {
      assertEquals(wanted, got);
    }
  }

  @Test
  void ordersByCodePoints() {
    String[] sorted = {"", "B", "a", "aa", "\uffee", "\ud83d\ude00"};
    OneNode unique = new OneNode("", "Unique", 11);
    IntStream order = IntStream.of(5, 2, 0, 4, 3, 1, 5, 2);
    unique.on(order.mapToObj(i -> sorted[i]).toArray(String[]::new));
    assertEquals(OnnxValue.of(List.of(sorted)), unique.run(1).getFirst());
  }

  @Test
  void joinsSequences() {
    OnnxValue sequence = new OnnxValue.Sequence(List.of(texts(data(2)), texts(data(3))));
    OneNode join = new OneNode("", "ConcatFromSequence", 13).with("axis", 0).on(sequence);
    Tensor all = Torch.cat(List.of(data(2), data(3)), 0);
    assertEquals(texts(all), join.run(1).getFirst());
  }

  @Test
  void refusesToReckonWithStrings() {
    OneNode scatter = new OneNode("", "ScatterElements", 18).with("reduction", "add");
    scatter.on(texts(data(3))).on(longs(0, 1)).on(texts(data(2)));
    TorchException e = assertThrows(TorchException.class, () -> scatter.run(1));
    assertTrue(e.getMessage().contains("none for strings"), e.getMessage());
    OneNode mixed = new OneNode("", "Concat", 13).with("axis", 0);
    mixed.on(texts(data(3))).on(longs(0, 1));
    e = assertThrows(TorchException.class, () -> mixed.run(1));
    assertTrue(e.getMessage().contains("numbers among strings"), e.getMessage());
  }
}
