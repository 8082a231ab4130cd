package dev.flambeau.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Joined formulas against the steps one by one: to the last bit. */
class FormulaPlanTest {
  private static int steps(OnnxModule module) {
    return FormulaPlan.of(module.block()).steps.size();
  }

  private static void same(OnnxModule module, Tensor x) {
    Tensor joined = Torch.noGrad(() -> module.forward(x));
    assertEquals(0, TestData.largestDifference(joined, QuantizedNetsTest.apart(module, x)));
  }

  /** x / 2 (1 + erf(x / sqrt 2)) as files below operator set 20 have it. */
  private static Graphs gelu() {
    return new Graphs()
        .input("x", "n", 25)
        .weight("root", Torch.full(DType.F32, Math.sqrt(2)))
        .weight("one", Torch.full(DType.F32, 1))
        .weight("half", Torch.full(DType.F32, 0.5))
        .node("Div", "div", "x root", "a")
        .node("Erf", "erf", "a", "b")
        .node("Add", "add", "b one", "c")
        .node("Mul", "mul", "x c", "d")
        .node("Mul", "scale", "d half", "y");
  }

  @Test
  void chainsAreOneStep() {
    OnnxModule module = gelu().output("y", "n", 25).load();
    assertEquals(1, steps(module));
    for (long rows : new long[] {0, 1, 13, 207}) {
      same(module, TestData.waves(rows, 25).mul(4));
    }
  }

  @Test
  void whatIsUsedElsewhereStays() {
    OnnxModule module = gelu().output("y", "n", 25).output("b", "n", 25).load();
    assertEquals(2, steps(module));
    same(module, TestData.waves(6, 25));
    same(module.withOutputs("b"), TestData.waves(6, 25));
  }

  @Test
  void normsAreNotStretched() {
    OnnxModule module =
        new Graphs()
            .input("x", 4, 6, 25)
            .weight("two", Torch.full(DType.F32, 2))
            .weight("eps", Torch.full(DType.F32, 1e-5))
            .weight("w", TestData.waves(25))
            .weight("b", TestData.waves(25))
            .node("ReduceMean", "mean", "x", "m", ExportGraph.attribute("axes", List.of(-1)))
            .node("Sub", "sub", "x m", "d")
            .node("Pow", "pow", "d two", "p")
            .node("ReduceMean", "mean2", "p", "v", ExportGraph.attribute("axes", List.of(-1)))
            .node("Add", "add", "v eps", "a")
            .node("Sqrt", "sqrt", "a", "s")
            .node("Div", "div", "d s", "n")
            .node("Mul", "mul", "n w", "nw")
            .node("Add", "shift", "nw b", "y")
            .output("y", 4, 6, 25)
            .load();
    // Two means, a difference, a square, a deviation, and what is done with them.
    assertEquals(6, steps(module));
    same(module, TestData.waves(4, 6, 25));
  }

  /** A column and a row make a matrix: nothing is computed for each of its elements twice. */
  @Test
  void outerProductsRunApart() {
    OnnxModule module =
        new Graphs()
            .input("x", 13, 1)
            .weight("row", TestData.waves(1, 25))
            .node("Exp", "exp", "x", "a")
            .node("Neg", "neg", "a", "b")
            .node("Mul", "mul", "b row", "y")
            .output("y", 13, 25)
            .load();
    assertEquals(1, steps(module));
    same(module, TestData.waves(13, 1));
  }

  @Test
  void otherTypesRunApart() {
    OnnxModule module =
        new Graphs()
            .input("x", 13)
            .weight("n", Torch.tensor(new long[] {3}, 1))
            .node("Cast", "cast", "x", "i", ExportGraph.attribute("to", 7L))
            .node("Div", "div", "i n", "q")
            .node("Add", "add", "q n", "s")
            .node("Cast", "back", "s", "y", ExportGraph.attribute("to", 1L))
            .output("y", 13)
            .load();
    same(module, TestData.waves(13).mul(20));
  }

  @Test
  void errorsNameTheStepThatFails() {
    OnnxModule module =
        new Graphs()
            .input("x", "n")
            .weight("w", TestData.waves(5))
            .node("Exp", "exp", "x", "a")
            .node("Mul", "mul", "a w", "b")
            .node("Neg", "neg", "b", "y")
            .output("y", "n")
            .load();
    Tensor x = TestData.waves(4);
    TorchException e =
        assertThrows(TorchException.class, () -> Torch.noGrad(() -> module.forward(x)));
    assertTrue(e.getMessage().contains("mul"), e.getMessage());
  }

  @Test
  void gradientsPassStepByStep() {
    OnnxModule module = gelu().output("y", "n", 25).load();
    Tensor x = TestData.waves(6, 25).requiresGrad(true);
    module.forward(x).sum().backward();
    double h = 1e-3;
    Tensor plain = x.detach();
    Tensor slope =
        Torch.noGrad(() -> module.forward(plain.add(h)).sub(module.forward(plain.sub(h))))
            .div(2 * h);
    assertTrue(TestData.largestDifference(slope, x.grad().orElseThrow()) < 1e-3);
  }

  /** Formulas have a size: neither deep nor repeated ones run out of stack or time. */
  @Test
  void longChainsAreCut() {
    for (String type : new String[] {"Neg", "HardSwish"}) {
      Graphs g = new Graphs().input("x", 25);
      for (int i = 0; i < 3000; i++) {
        g.node(type, type + i, i == 0 ? "x" : "v" + i, "v" + (i + 1));
      }
      OnnxModule module = g.output("v3000", 25).load();
      assertTrue(steps(module) < 1600, type + ": " + steps(module));
      same(module, TestData.waves(25).mul(10));
    }
  }
}
