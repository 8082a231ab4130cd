package dev.flambeau.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtException;
import dev.flambeau.onnx.proto.AttributeProto;
import dev.flambeau.onnx.proto.ModelProto;
import dev.flambeau.onnx.proto.TypeProto;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SequencesTest {
  private static OnnxValue sequence(int... lengths) {
    return new OnnxValue.Sequence(
        Arrays.stream(lengths).mapToObj(n -> OnnxValue.of(TestData.waves(n))).toList());
  }

  private static List<Long> lengths(OnnxValue sequence) {
    return ((OnnxValue.Sequence) sequence)
        .items().stream().map(v -> ((OnnxValue.Numbers) v).tensor().size(0)).toList();
  }

  private static OneNode node(String type) {
    return new OneNode("", type, 24);
  }

  private static Tensor number(long value) {
    return Torch.full(DType.I64, value);
  }

  /** As Python's list.insert and del do. */
  @Test
  void insertsAndErasesAtBothEnds() {
    Tensor nine = TestData.waves(9);
    Map<Long, List<Long>> inserted =
        Map.of(
            0L, List.of(9L, 1L, 2L, 3L),
            3L, List.of(1L, 2L, 3L, 9L),
            -1L, List.of(1L, 2L, 9L, 3L),
            -3L, List.of(9L, 1L, 2L, 3L));
    inserted.forEach(
        (at, wanted) -> {
          OneNode insert = node("SequenceInsert").on(sequence(1, 2, 3)).on(nine).on(number(at));
          assertEquals(wanted, lengths(insert.run(1).getFirst()));
        });
    OneNode last = node("SequenceErase").on(sequence(1, 2, 3));
    assertEquals(List.of(1L, 2L), lengths(last.run(1).getFirst()));
    OneNode first = node("SequenceErase").on(sequence(1, 2, 3)).on(number(-3));
    assertEquals(List.of(2L, 3L), lengths(first.run(1).getFirst()));
    OneNode beyond = node("SequenceInsert").on(sequence(1, 2, 3)).on(nine).on(number(4));
    assertThrows(TorchException.class, () -> beyond.run(1));
  }

  @Test
  void oneElementType() {
    OneNode mixed = node("SequenceConstruct").on(TestData.waves(2)).on(number(1));
    TorchException e = assertThrows(TorchException.class, () -> mixed.run(1));
    assertTrue(e.getMessage().contains("FLOAT"), e.getMessage());
    OnnxValue empty = node("SequenceEmpty").with("dtype", 8).run(1).getFirst();
    assertEquals(new OnnxValue.Sequence(List.of(), Optional.of(ElementType.STRING)), empty);
    OneNode join = node("ConcatFromSequence").with("axis", 0).on(sequence(1));
    OnnxModule joining = join.load(1);
    TorchException none = assertThrows(TorchException.class, () -> joining.run(List.of(empty)));
    assertTrue(none.getMessage().contains("one tensor or more"), none.getMessage());
  }

  @Test
  void gradientsFlowThrough() {
    Tensor x = TestData.waves(6).requiresGrad(true);
    Graphs graphs =
        new Graphs()
            .input("x", 6)
            .weight("two", number(2))
            .weight("at", number(1))
            .node("SplitToSequence", "split", "x two", "s")
            .node("SequenceErase", "erase", "s at", "t")
            .node("ConcatFromSequence", "cat", "t", "y", ExportGraph.attribute("axis", 0L))
            .output("y", 4);
    graphs.load().forward(x).pow(2).sum().backward();
    double[] values = TestData.values(x);
    double[] gradient = TestData.values(x.grad().orElseThrow());
    for (int i = 0; i < 6; i++) {
      assertEquals(i / 2 == 1 ? 0 : 2 * values[i], gradient[i], 1e-6);
    }
  }

  /** A loop that collects strings and numbers, and another that is never entered. */
  @Test
  void loopsStackWhatTheyGive() throws OrtException {
    for (long trips : new long[] {3, 0}) {
      ModelProto model = loop(trips);
      List<OnnxValue> ours = Onnx.load(model.toByteArray(), "loop").run(List.of());
      List<OnnxValue> theirs = PeerValues.run(model, Map.of());
      for (int i = 0; i < theirs.size(); i++) {
        assertEquals(theirs.get(i).describe(), ours.get(i).describe());
      }
      assertEquals(theirs.get(0), ours.get(0));
    }
  }

  private static ModelProto loop(long trips) {
    Graphs body = new Graphs();
    body.graph.addInput(Graphs.info("i", ElementType.INT64));
    body.graph.addInput(Graphs.info("go", ElementType.BOOL));
    AttributeProto word =
        AttributeProto.newBuilder()
            .setName("value_strings")
            .setType(AttributeProto.AttributeType.STRINGS)
            .addStrings(com.google.protobuf.ByteString.copyFromUtf8("a"))
            .addStrings(com.google.protobuf.ByteString.copyFromUtf8("b"))
            .build();
    body.node("Constant", "word", "", "w", word)
        .node("Cast", "cast", "i", "f", ExportGraph.attribute("to", 11L))
        .node("Identity", "id", "go", "more")
        .output("more", ElementType.BOOL)
        .output("w", ElementType.STRING, 2)
        .output("f", ElementType.DOUBLE);
    return new Graphs()
        .weight("trips", number(trips))
        .weight("yes", Torch.ones(DType.BOOL))
        .node("Loop", "loop", "trips yes", "words numbers", Graphs.body("body", body))
        .output("words", ElementType.STRING, "n", 2)
        .output("numbers", ElementType.DOUBLE, "n")
        .model();
  }

  @Test
  void optionals() {
    OneNode has = node("OptionalHasElement").on(new OnnxValue.Nothing());
    assertEquals(0, ((OnnxValue.Numbers) has.run(1).getFirst()).tensor().to(DType.I64).itemLong());
    OneNode get = node("OptionalGetElement").on(new OnnxValue.Nothing());
    assertThrows(TorchException.class, () -> get.run(1));
    OneNode there = node("OptionalGetElement").on(sequence(2, 5));
    assertEquals(List.of(2L, 5L), lengths(there.run(1).getFirst()));
  }

  /** Declared types name what empty sequences hold and what the items are. */
  @Test
  void declaredTypes() {
    TypeProto.Builder type = TypeProto.newBuilder();
    type.getSequenceTypeBuilder()
        .getElemTypeBuilder()
        .getTensorTypeBuilder()
        .setElemType(ElementType.UINT16.code());
    Declared declared = Declared.of(type.build(), "test");
    OnnxValue empty = declared.check(new OnnxValue.Sequence(List.of()), "x");
    assertEquals(Optional.of(ElementType.UINT16), empty.element());
    OnnxValue ints = OnnxValue.of(Torch.zeros(DType.I32, 2));
    OnnxValue named = declared.check(new OnnxValue.Sequence(List.of(ints)), "x");
    assertEquals(Optional.of(ElementType.UINT16), named.element());
    OnnxValue texts = new OnnxValue.Texts(List.of("a"), Shape.of());
    assertThrows(
        TorchException.class, () -> declared.check(new OnnxValue.Sequence(List.of(texts)), "x"));
  }
}
