package dev.flambeau.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.onnx.proto.ModelProto;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** 4-bit weights in ONNX Runtime and here against a slow twin. */
class Int4Test {
  private static final int INPUTS = 70;
  private static final int OUTPUTS = 5;

  @TempDir Path folder;

  private Path write(ModelProto model) {
    Path file = folder.resolve("in.onnx");
    ModelFile.write(model, file, Long.MAX_VALUE);
    return file;
  }

  private static Graphs product(boolean gemm) {
    Graphs graphs = new Graphs().input("x", "n", INPUTS).output("y", "n", OUTPUTS);
    if (gemm) {
      return graphs
          .weight("w", weight().t())
          .weight("b", TestData.waves(OUTPUTS))
          .node("Gemm", "m", "x w b", "y", ExportGraph.attribute("transB", 1L));
    }
    return graphs.weight("w", weight()).node("MatMul", "m", "x w", "y");
  }

  private static Tensor weight() {
    return TestData.waves(INPUTS, OUTPUTS).mul(TestData.waves(INPUTS, 1).add(1.5));
  }

  /** Each number rounded to one of the 16 its block has. */
  private static float[] rounded(int block, boolean symmetric) {
    double[] w = TestData.values(weight());
    float[] out = new float[w.length];
    for (int column = 0; column < OUTPUTS; column++) {
      for (int first = 0; first < INPUTS; first += block) {
        int last = Math.min(INPUTS, first + block);
        double low = 0;
        double high = 0;
        for (int i = first; i < last; i++) {
          low = Math.min(low, w[i * OUTPUTS + column]);
          high = Math.max(high, w[i * OUTPUTS + column]);
        }
        double scale = symmetric ? (high > -low ? high : low) / -8 : (high - low) / 15;
        double zero = symmetric ? 8 : Math.rint(-low / scale);
        for (int i = first; i < last; i++) {
          double step = Math.rint(w[i * OUTPUTS + column] / scale) + zero;
          out[i * OUTPUTS + column] = (float) ((Math.clamp(step, 0, 15) - zero) * scale);
        }
      }
    }
    return out;
  }

  @ParameterizedTest
  @CsvSource({
    "16, true, false, false",
    "32, true, false, true",
    "64, false, false, false",
    "16, false, false, true",
    "16, true, true, false",
    "32, false, true, true"
  })
  void blocks(int block, boolean symmetric, boolean standard, boolean gemm) throws Exception {
    Path file = write(product(gemm).model());
    Path out = folder.resolve("out.onnx");
    QuantizeReport report =
        Onnx.quantize(
            file, out, o -> o.int4().blockSize(block).symmetric(symmetric).standard(standard));
    assertEquals(Map.of(gemm ? "Gemm" : "MatMul", 1), report.changed());
    Tensor x = TestData.waves(3, INPUTS);
    Tensor w = Torch.tensor(rounded(block, symmetric), INPUTS, OUTPUTS);
    Tensor expected = x.matmul(w);
    expected = gemm ? expected.add(TestData.waves(OUTPUTS)) : expected;
    // Without optimizations, which would quantize the activations, too.
    Tensor peers = Reference.run(out, "", true, Map.of("x", x)).get("y").orElseThrow();
    assertTrue(Equivalence.gap(expected, peers) < 1e-5, "" + Equivalence.gap(expected, peers));
    if (standard) {
      double gap = Equivalence.gap(expected, Onnx.load(out).forward(x));
      assertTrue(gap < 1e-5, "differs by " + gap);
      assertTrue(report.outputs().getFirst().sqnr() > 15, report::toString);
    }
  }

  /** Rows of a table in blocks along them. */
  @Test
  void tables() throws Exception {
    Graphs graphs =
        new Graphs()
            .input("x", 3)
            .weight("w", weight().t())
            .node("Cast", "c", "x", "i", ExportGraph.attribute("to", 7L))
            .node("Gather", "g", "w i", "y")
            .output("y", 3, INPUTS);
    Path out = folder.resolve("out.onnx");
    QuantizeReport report =
        Onnx.quantize(write(graphs.model()), out, o -> o.int4().embeddings(true));
    assertEquals(Map.of("Gather", 1), report.changed());
    Tensor x = Torch.tensor(new float[] {4, 0, 2}, 3);
    Tensor table = Torch.tensor(rounded(32, true), INPUTS, OUTPUTS).t();
    Tensor expected = table.indexSelect(0, x.to(DType.I64));
    assertTrue(Equivalence.gap(expected, Onnx.load(out).forward(x)) < 1e-6);
    try (Peer peer = new Peer(out)) {
      assertTrue(Equivalence.gap(expected, peer.run(Map.of("x", x))) < 1e-6);
    }
  }

  @Test
  void whatIsLeftIsTold() {
    Graphs graphs =
        new Graphs()
            .input("x", "n", 8)
            .weight("w", TestData.waves(8, 4))
            .node("MatMul", "small", "x w", "a")
            .node("Transpose", "t", "a", "b")
            .node("MatMul", "square", "a b", "y")
            .output("y", "n", "n");
    QuantizeReport report =
        Onnx.quantize(write(graphs.model()), folder.resolve("out.onnx"), o -> o.int4());
    assertEquals(
        Map.of(
            "fewer inputs than a block", List.of("MatMul 'small'"),
            "its weight is no constant of finite FLOAT numbers", List.of("MatMul 'square'")),
        report.kept());
  }
}
