package dev.flambeau.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Open sizes: exported for an example, run by ONNX Runtime at other sizes. */
class ExportDynamicTest {
  @TempDir Path folder;

  @ParameterizedTest(name = "{0}")
  @MethodSource("dev.flambeau.onnx.ExportDynamicCases#all")
  void otherSizes(ExportDynamicCases.Case c) throws Exception {
    c.module().eval();
    StringBuilder wrong = new StringBuilder();
    for (int opset : List.of(14, 21)) {
      Path file = folder.resolve("net.onnx");
      Onnx.export(
          c.module(),
          c.f(),
          c.inputs().apply(c.sizes()[0]),
          file,
          o -> {
            o.opset(opset);
            c.open().accept(o);
          });
      assertEquals(List.of(), Onnx.check(file));
      for (long[] sizes : c.sizes()) {
        wrong.append(compare(c, file, opset, sizes));
      }
    }
    assertEquals("", wrong.toString());
  }

  private static String compare(ExportDynamicCases.Case c, Path file, int opset, long[] sizes) {
    List<Tensor> inputs = c.inputs().apply(sizes);
    List<Tensor> wanted = Torch.noGrad(() -> c.f().apply(inputs));
    Map<String, Tensor> feed = new LinkedHashMap<>();
    for (int i = 0; i < inputs.size(); i++) {
      feed.put(i == 0 ? "input" : "input_" + i, inputs.get(i));
    }
    List<Tensor> got = new ArrayList<>();
    Reference.run(file, c.name(), false, feed).values().forEach(t -> got.add(t.orElseThrow()));
    StringBuilder wrong = new StringBuilder();
    for (int k = 0; k < wanted.size(); k++) {
      String where = "set " + opset + ", sizes " + List.of(Arrays.toString(sizes));
      if (!wanted.get(k).shape().equals(got.get(k).shape())) {
        wrong.append(where + ": " + got.get(k).shape() + " for " + wanted.get(k).shape() + "; ");
        continue;
      }
      double scale = Math.max(1, TestData.largestDifference(wanted.get(k), wanted.get(k).mul(0)));
      double gap = TestData.largestDifference(wanted.get(k), got.get(k));
      if (!(gap <= 1e-4 * scale)) {
        wrong.append(where + ": differs by " + gap + "; ");
      }
    }
    return wrong.toString();
  }
}
