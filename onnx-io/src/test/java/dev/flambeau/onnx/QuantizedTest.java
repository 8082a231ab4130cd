package dev.flambeau.onnx;

import static dev.flambeau.onnx.Graphs.ints;
import static dev.flambeau.onnx.QuantizedGraphs.byteNumber;
import static dev.flambeau.onnx.QuantizedGraphs.bytes;
import static dev.flambeau.onnx.QuantizedGraphs.compare;
import static dev.flambeau.onnx.QuantizedGraphs.integer;
import static dev.flambeau.onnx.QuantizedGraphs.number;
import static dev.flambeau.onnx.QuantizedGraphs.positive;
import static dev.flambeau.onnx.QuantizedGraphs.start;
import static dev.flambeau.onnx.QuantizedGraphs.values;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Quantized operators against ONNX Runtime and formulas. */
class QuantizedTest {
  @TempDir Path folder;

  /** All outputs are the same to the last bit. */
  private void same(Graphs g, Tensor x) throws Exception {
    compare(folder, g, x, 0);
  }

  @Test
  void sumsOfIntegers() throws Exception {
    for (DType weight : new DType[] {DType.U8, DType.I8}) {
      same(
          start(DType.U8, 2, 13, 25)
              .weight("w", bytes(1, weight, 25, 6))
              .weight("wz", bytes(2, weight, 6))
              .weight("one", byteNumber(weight, 7))
              .node("MatMulInteger", "a", "q w", "a")
              .node("MatMulInteger", "b", "q w z one", "b")
              .node("MatMulInteger", "c", "q w z wz", "c")
              .output("a", ElementType.INT32, 2, 13, 6)
              .output("b", ElementType.INT32, 2, 13, 6)
              .output("c", ElementType.INT32, 2, 13, 6),
          values(2, 13, 25));
      same(
          start(DType.U8, 2, 4, 9, 7)
              .weight("w", bytes(1, weight, 6, 2, 3, 2))
              .weight("one", byteNumber(weight, 7))
              .node(
                  "ConvInteger",
                  "a",
                  "q w z one",
                  "a",
                  integer("group", 2),
                  ints("pads", 1, 0, 2, 1),
                  ints("strides", 2, 1),
                  ints("dilations", 1, 2))
              .node("ConvInteger", "b", "q w", "b", integer("group", 2))
              .output("a", ElementType.INT32, 2, 6, 5, 6)
              .output("b", ElementType.INT32, 2, 6, 7, 6),
          values(2, 4, 9, 7));
    }
  }

  @Test
  void quantizedProducts() throws Exception {
    for (DType type : new DType[] {DType.U8, DType.I8}) {
      ElementType element = ElementType.of(type);
      compare(
          folder,
          start(type, 2, 13, 64)
              .weight("w", bytes(1, type, 64, 25))
              .weight("ws", number(0.01))
              .weight("wz", byteNumber(type, 3))
              .weight("ys", number(0.3))
              .weight("yz", byteNumber(type, 101))
              .node("QLinearMatMul", "y", "q s z w ws wz ys yz", "y")
              .output("y", element, 2, 13, 25),
          values(2, 13, 64),
          1);
      compare(
          folder,
          start(type, 2, 4, 9, 7)
              .weight("w", bytes(1, DType.I8, 6, 2, 3, 2))
              .weight("ws", positive(2, 6, 0.01))
              .weight("wz", Torch.zeros(DType.I8, 6))
              .weight("ys", number(0.07))
              .weight("yz", byteNumber(type, type == DType.U8 ? 99 : -3))
              .weight("b", bytes(5, DType.U8, 6).to(DType.I32).mul(20).sub(2000))
              .node(
                  "QLinearConv",
                  "y",
                  "q s z w ws wz ys yz b",
                  "y",
                  integer("group", 2),
                  ints("pads", 1, 0, 2, 1),
                  ints("strides", 2, 1))
              .output("y", element, 2, 6, 5, 7),
          values(2, 4, 9, 7),
          1);
    }
    compare(
        folder,
        start(DType.U8, 1, 3, 6, 6)
            .weight("w", bytes(1, DType.U8, 5, 3, 3, 3))
            .weight("ws", number(0.01))
            .weight("wz", byteNumber(DType.U8, 97))
            .node("QLinearConv", "y", "q s z w ws wz s z", "y")
            .output("y", ElementType.UINT8, 1, 5, 4, 4),
        values(1, 3, 6, 6),
        1);
  }

  @Test
  void dynamicQuantization() throws Exception {
    for (Tensor x : List.of(values(3, 207), values(6, 5).abs(), values(4, 4).abs().neg())) {
      long[] sizes = x.shape().sizes();
      same(
          new Graphs()
              .input("x", sizes[0], sizes[1])
              .node("DynamicQuantizeLinear", "d", "x", "y s z")
              .output("y", ElementType.UINT8, sizes[0], sizes[1])
              .output("s", ElementType.FLOAT)
              .output("z", ElementType.UINT8),
          x);
    }
  }

  /** Every type's ends, halves, and numbers far outside. */
  @Test
  void quantizeSaturatesAndRoundsHalvesToEven() {
    double[] numbers = {
      0,
      0.25,
      0.75,
      1.25,
      -0.25,
      -0.75,
      3,
      -3,
      63.75,
      64,
      -64.25,
      1e4,
      -1e4,
      16383.5,
      -16384.25,
      1e30,
      -1e30,
      Double.POSITIVE_INFINITY,
      Double.NEGATIVE_INFINITY
    };
    Tensor x = Torch.tensor(numbers, numbers.length).to(DType.F32);
    List<ElementType> types =
        List.of(
            ElementType.UINT8,
            ElementType.INT8,
            ElementType.UINT16,
            ElementType.INT16,
            ElementType.UINT4,
            ElementType.INT4);
    for (ElementType type : types) {
      for (long zero : new long[] {0, 1, 3}) {
        Tensor got =
            Quantizing.integers(x, number(0.5), Torch.full(type.require("test"), zero), type);
        double[] y = got.toDoubleArray();
        long all = 1L << type.bits();
        double low = type.isUnsigned() ? 0 : -all / 2;
        for (int i = 0; i < y.length; i++) {
          double step = Math.rint((float) numbers[i] / 0.5) + zero;
          double expected = Math.clamp(step, low, low + all - 1);
          assertEquals(expected, y[i], type + " of " + numbers[i] + ", zero point " + zero);
        }
      }
    }
  }

  @Test
  void errorsNameTheNode() {
    Graphs g =
        start(DType.U8, 2, 4)
            .weight("w", bytes(1, DType.I8, 5, 3))
            .node("MatMulInteger", "product", "q w", "y")
            .output("y", ElementType.INT32, 2, 3);
    TorchException e = assertThrows(TorchException.class, () -> g.load().forward(values(2, 4)));
    assertTrue(e.getMessage().contains("inner sizes"), e.getMessage());
  }
}
