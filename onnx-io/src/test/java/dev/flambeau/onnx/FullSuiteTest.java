package dev.flambeau.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What ONNX's backend tests ask for that are not among those at hand. */
class FullSuiteTest {
  private static Tensor first(List<OnnxValue> values) {
    return ((OnnxValue.Numbers) values.getFirst()).tensor();
  }

  /** A window is a mask of those keys; places count from the past or the padded keys on. */
  @Test
  void windowsOfAttentionAreMasks() {
    for (int kind = 0; kind < 3; kind++) {
      int past = kind == 1 ? 3 : 0;
      int keys = 5 + past;
      OneNode window = new OneNode("", "Attention", 25);
      OneNode mask = new OneNode("", "Attention", 25);
      window.with("left_window_size", 2).with("right_window_size", 1);
      byte[] truths = new byte[2 * 4 * keys];
      long[] lengths = {5, 4};
      for (int i = 0; i < truths.length; i++) {
        long place = i / keys % 4 + (kind == 2 ? lengths[i / (4 * keys)] - 4 : past);
        int key = i % keys;
        truths[i] = (byte) (key >= place - 2 && key <= place + 1 ? 1 : 0);
      }
      OnnxValue allowed = OnnxValue.of(Torch.tensor(truths, 2, 1, 4, keys).to(DType.BOOL));
      for (OneNode node : List.of(window, mask)) {
        node.on(TestData.waves(2, 2, 4, 6)).on(TestData.waves(2, 2, 5, 6));
        node.on(TestData.waves(2, 2, 5, 3)).on(node == mask ? allowed : null);
        if (kind == 1) {
          node.on(TestData.waves(2, 2, 3, 6)).on(TestData.waves(2, 2, 3, 3));
        } else if (kind == 2) {
          node.on((OnnxValue) null).on((OnnxValue) null).on(Torch.tensor(lengths, 2));
        }
      }
      assertTrue(TestData.largestDifference(first(mask.run(1)), first(window.run(1))) < 1e-6);
    }
  }

  /** Elements beyond the padding do not count: the last window has two of its three. */
  @Test
  void dilatedWindowsOverTheEnd() {
    OneNode pool =
        new OneNode("", "AveragePool", 22)
            .with("kernel_shape", new long[] {3})
            .with("dilations", new long[] {2})
            .with("strides", new long[] {3})
            .with("ceil_mode", 1)
            .with("count_include_pad", 1)
            .on(Torch.tensor(new float[] {1, 2, 3, 4, 5, 6, 7}, 1, 1, 7));
    double[] got = TestData.values(first(pool.run(1)));
    assertEquals(List.of(3.0, 5.0), Arrays.stream(got).boxed().toList());
  }

  @Test
  void logarithmOfNothing() {
    OneNode reduce = new OneNode("", "ReduceLogSumExp", 18).with("keepdims", 0);
    reduce.on(Torch.zeros(2, 0, 3)).on(Torch.tensor(new long[] {1}, 1));
    Tensor out = first(reduce.run(1));
    assertEquals(List.of(2L, 3L), Arrays.stream(out.shape().sizes()).boxed().toList());
    assertEquals(Double.NEGATIVE_INFINITY, out.amax().item());
  }
}
