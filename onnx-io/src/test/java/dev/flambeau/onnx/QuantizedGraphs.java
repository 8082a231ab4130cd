package dev.flambeau.onnx;

import static dev.flambeau.onnx.ExportGraph.attribute;
import static dev.flambeau.onnx.Graphs.ints;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.onnx.proto.AttributeProto;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Small quantized graphs and the numbers in them. */
final class QuantizedGraphs {
  private QuantizedGraphs() {}

  static Tensor bytes(int seed, DType type, long... sizes) {
    Torch.manualSeed(seed);
    return Torch.rand(sizes).mul(256).floor().to(DType.I32).to(type);
  }

  static Tensor number(double value) {
    return Torch.full(DType.F32, value);
  }

  static Tensor byteNumber(DType type, long value) {
    return Torch.full(type, value);
  }

  static Tensor positive(int seed, long size, double scale) {
    Torch.manualSeed(seed);
    return Torch.rand(size).add(0.2).mul(scale);
  }

  static Tensor values(long... sizes) {
    Torch.manualSeed(17);
    return Torch.randn(sizes);
  }

  static AttributeProto integer(String name, long value) {
    return attribute(name, value);
  }

  static Graphs start(DType type, Object... sizes) {
    return new Graphs()
        .input("x", sizes)
        .weight("s", number(0.02))
        .weight("z", byteNumber(type, type == DType.U8 ? 131 : -5))
        .node("QuantizeLinear", "quantize", "x s z", "q");
  }

  /** Quantized weights, biases and activations around one layer or several. */
  static Graphs layers() {
    return start(DType.U8, 2, 4, 9, 9)
        .opset(17)
        .weight("w", bytes(1, DType.I8, 8, 4, 3, 3))
        .weight("ws", positive(2, 8, 0.004))
        .weight("wz", Torch.zeros(DType.I8, 8))
        .weight("b", bytes(3, DType.U8, 8).to(DType.I32).mul(30).sub(3000))
        .weight("bs", positive(2, 8, 0.004).mul(0.02))
        .weight("v", bytes(4, DType.I8, 5, 128))
        .weight("vs", number(0.002))
        .weight("vz", byteNumber(DType.I8, 0))
        .weight("c", Torch.tensor(new float[] {1, -2, 0.5f, 0, 3}, 5))
        .weight("ys", number(0.05))
        .weight("yz", byteNumber(DType.U8, 0))
        .weight("ts", number(0.06))
        .weight("tz", byteNumber(DType.U8, 77))
        .node("DequantizeLinear", "dx", "q s z", "fx")
        .node("DequantizeLinear", "dw", "w ws wz", "fw", integer("axis", 0))
        .node("DequantizeLinear", "db", "b bs", "fb", integer("axis", 0))
        .node("Conv", "conv", "fx fw fb", "conv", ints("pads", 1, 1, 1, 1))
        .node("Relu", "relu", "conv", "r")
        .node("QuantizeLinear", "q1", "r ys yz", "rq")
        .node("DequantizeLinear", "d1", "rq ys yz", "rf")
        .node("MaxPool", "pool", "rf", "p", ints("kernel_shape", 3, 3), ints("strides", 2, 2))
        .node("QuantizeLinear", "q2", "p ys yz", "pq")
        .node("DequantizeLinear", "d2", "pq ys yz", "pf");
  }

  /** A network with quantizers at inputs and weights, as quantization-aware training exports it. */
  static Graphs aware() {
    return start(DType.U8, "n", 3, 8, 8)
        .weight("w", TestData.waves(6, 3, 3, 3).mul(0.3))
        .weight("ws", positive(2, 6, 0.003))
        .weight("wz", Torch.zeros(DType.I8, 6))
        .weight("b", TestData.waves(6))
        .weight("rs", number(0.02))
        .weight("rz", byteNumber(DType.U8, 0))
        .node("DequantizeLinear", "dx", "q s z", "fx")
        .node("QuantizeLinear", "qw", "w ws wz", "iw", integer("axis", 0))
        .node("DequantizeLinear", "dw", "iw ws wz", "fw", integer("axis", 0))
        .node("Conv", "conv", "fx fw b", "c")
        .node("Relu", "relu", "c", "r")
        .node("QuantizeLinear", "qr", "r rs rz", "ir")
        .node("DequantizeLinear", "dr", "ir rs rz", "y")
        .output("y", "n", 6, 6, 6);
  }

  /** What ONNX Runtime computes without changing the graph. */
  static Map<String, Optional<Tensor>> reference(Path folder, Graphs g, Map<String, Tensor> inputs)
      throws IOException {
    Path file = folder.resolve("model.onnx");
    Files.write(file, g.model().toByteArray());
    assertEquals(List.of(), Onnx.check(file));
    return Reference.run(file, "model", true, inputs);
  }

  /**
   * Compares all outputs with ONNX Runtime's.
   *
   * @param differing how many integers may be one off: values beside a half, where floats round
   */
  static void compare(Path folder, Graphs g, Tensor x, int differing) throws IOException {
    OnnxModule module = g.load();
    Map<String, Optional<Tensor>> expected = reference(folder, g, Map.of("x", x));
    List<Tensor> got = Torch.noGrad(() -> module.forward(List.of(x)));
    for (int i = 0; i < got.size(); i++) {
      String name = module.outputs().get(i);
      Tensor theirs = expected.get(name).orElseThrow();
      assertEquals(theirs.shape(), got.get(i).shape(), name);
      double[] a = theirs.toDoubleArray();
      double[] b = got.get(i).toDoubleArray();
      int off = 0;
      for (int k = 0; k < a.length; k++) {
        if (a[k] != b[k]) {
          assertEquals(a[k], b[k], 1, name + " at " + k);
          off++;
        }
      }
      assertTrue(off <= differing, name + ": " + off + " of " + a.length + " differ");
    }
  }
}
