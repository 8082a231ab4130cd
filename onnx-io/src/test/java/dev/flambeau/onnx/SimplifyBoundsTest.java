package dev.flambeau.onnx;

import static dev.flambeau.onnx.Graphs.ints;
import static dev.flambeau.onnx.SimplifyTest.longs;
import static dev.flambeau.onnx.SimplifyTest.simplify;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Torch;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What the simplifier leaves, as it would take too much or is not certain. */
class SimplifyBoundsTest {
  /** What a size is at most, or whether it is large, is not known before it is. */
  @Test
  void openSizesAreNotTakenForThoseTried() {
    Graphs graphs =
        new Graphs()
            .input("x", "n", 3)
            .weight("most", longs(100_000))
            .weight("zero", longs(0))
            .weight("many", longs(4096))
            .node("Shape", "shape", "x", "s", ExportGraph.attribute("end", 1L))
            .node("Max", "max", "s most", "m")
            .node("Div", "div", "s many", "pages")
            .node("Greater", "large", "s most", "l")
            .node("Slice", "head", "x zero many", "h")
            .output("m", ElementType.INT64, 1)
            .output("pages", ElementType.INT64, 1)
            .output("l", ElementType.BOOL, 1)
            .output("h", "k", 3);
    Map<String, Integer> after = simplify(graphs).report().after();
    assertEquals(Map.of("Shape", 1, "Max", 1, "Div", 1, "Greater", 1, "Slice", 1), after);
  }

  @Test
  void constantsAreFoldedWithinBounds() {
    Graphs graphs =
        new Graphs()
            .input("x", 4)
            .weight("w", TestData.waves(4, 2, 2))
            .weight("sizes", longs(4, 1_000_000))
            .weight("huge", longs(1L << 20, 1L << 20))
            .node("Transpose", "t", "w", "t", ints("perm", 1, 2, 0))
            .node("MatMul", "a", "t x", "a")
            .node("ConstantOfShape", "large", "sizes", "l")
            .node("ReduceSum", "sum", "l", "m")
            .node("ConstantOfShape", "larger", "huge", "n")
            .node("Shape", "shape", "n", "o")
            .node("RandomNormal", "random", "", "r", ints("shape", 2, 2))
            .output("a", 2, 2)
            .output("m", 1, 1)
            .output("o", ElementType.INT64, 2)
            .output("r", 2, 2);
    Simplifier.Result result = simplify(graphs);
    assertEquals(1, result.report().after().get("MatMul"));
    assertEquals(1, result.report().after().get("ConstantOfShape"));
    assertEquals(1, result.report().after().get("RandomNormal"));
    assertEquals("it draws random numbers", result.report().notCompared());
    assertTrue(result.report().bytesAfter() < 2000, "" + result.report().bytesAfter());
    // A weight stays one, and a number of a formula none.
    OnnxModule module = Onnx.module(result.model(), "", new ExternalData(Optional.empty()));
    assertEquals(Set.of("t"), module.namedParameters().keySet());
  }

  /** A loop that does not end is left as it is. */
  @Test
  void endlessLoopsAreNotUnrolled() {
    Graphs body =
        new Graphs()
            .input("i")
            .input("go")
            .input("s")
            .node("Identity", "more", "go", "more")
            .node("Relu", "next", "s", "next")
            .output("more", ElementType.BOOL)
            .output("next", 1);
    body.graph.getInputBuilder(0).clearType();
    body.graph.getInputBuilder(1).clearType();
    body.graph.getInputBuilder(2).clearType();
    Graphs graphs =
        new Graphs()
            .input("x", 1)
            .weight("trips", Torch.full(DType.I64, Long.MAX_VALUE))
            .weight("yes", Torch.ones(DType.BOOL))
            .weight("one", Torch.ones(1))
            .node("Loop", "loop", "trips yes one", "l", Graphs.body("body", body))
            .node("Add", "add", "x l", "y")
            .output("y", 1);
    Simplifier.Result result = simplify(graphs.model(), o -> o.verify(false));
    assertEquals(1, result.report().after().get("Loop"));
  }
}
