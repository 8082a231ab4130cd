package dev.flambeau.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.nn.Linear;
import dev.flambeau.torch.nn.Module;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code ifThen} and {@code whileLoop} as If and Loop, run in ONNX Runtime on either way. */
class ExportControlFlowTest {
  private static final class Nothing extends Module {}

  /** One of two layers, by the sum of the input; the bias of the second one is used by both. */
  private static final class Either extends Module {
    final Linear small = new Linear(4, 3, false);
    final Linear large = new Linear(4, 3);

    @Override
    public Tensor forward(Tensor x) {
      Tensor shifted = x.add(1);
      Tensor y =
          Torch.ifThen(
              x.sum().gt(0),
              () -> small.call(shifted).add(large.bias.orElseThrow()),
              () -> large.call(x));
      return y.relu();
    }
  }

  @TempDir Path folder;

  private Path export(Module net, UnaryOperator<List<Tensor>> f, Tensor example) {
    Path file = folder.resolve("net.onnx");
    Onnx.export(net, f, List.of(example), file, o -> o.dynamicAxis(0, "n"));
    assertEquals(List.of(), Onnx.check(file));
    return file;
  }

  private static void compare(Path file, UnaryOperator<List<Tensor>> f, List<Tensor> inputs)
      throws Exception {
    OnnxModule back = Onnx.load(file);
    try (Peer peer = new Peer(file)) {
      for (Tensor x : inputs) {
        Tensor expected = Torch.noGrad(() -> f.apply(List.of(x))).getFirst();
        assertEquals(0, TestData.largestDifference(expected, peer.run(Map.of("input", x))), 1e-5);
        Tensor got = Torch.noGrad(() -> back.forward(x));
        assertEquals(0, TestData.largestDifference(expected, got), 1e-6);
      }
    }
  }

  @Test
  void bothBranches() throws Exception {
    Torch.manualSeed(1);
    Either net = new Either();
    UnaryOperator<List<Tensor>> f = in -> List.of(net.call(in.getFirst()));
    Tensor x = TestData.waves(3, 4);
    Path file = export(net, f, x);
    compare(file, f, List.of(x, x.sub(2), x.add(2), TestData.waves(7, 4).sub(3)));
    OnnxModule back = Onnx.load(file);
    assertEquals(net.namedParameters().keySet(), back.namedParameters().keySet());
    for (Tensor in : List.of(x.add(2), x.sub(2))) {
      net.zeroGrad();
      back.zeroGrad();
      net.forward(in).square().sum().backward();
      back.forward(in).square().sum().backward();
      net.namedParameters()
          .forEach(
              (name, p) -> {
                Tensor other = back.namedParameters().get(name);
                assertEquals(p.grad().isPresent(), other.grad().isPresent(), name);
                p.grad()
                    .ifPresent(
                        g ->
                            assertEquals(
                                0, TestData.largestDifference(g, other.grad().get()), 1e-5, name));
              });
    }
  }

  /** Halves until small, counting; a branch inside of the loop. */
  private static List<Tensor> collatz(List<Tensor> in) {
    List<Tensor> out =
        Torch.whileLoop(
            all -> all.get(0).abs().max().gt(1),
            all -> {
              Tensor x = all.get(0);
              Tensor next =
                  Torch.ifThen(x.sum().gt(0), () -> x.mul(0.5), () -> x.mul(0.75).add(0.01));
              return List.of(next, all.get(1).add(1));
            },
            List.of(in.getFirst(), Torch.zeros(DType.F32)));
    return List.of(out.get(0).add(out.get(1)));
  }

  @Test
  void loops() throws Exception {
    Tensor x = TestData.waves(3, 4);
    Path file = export(new Nothing(), ExportControlFlowTest::collatz, x.mul(5));
    compare(
        file,
        ExportControlFlowTest::collatz,
        List.of(x, x.mul(5), x.mul(90), x.mul(33).sub(70), TestData.waves(9, 4).sub(7)));
  }

  /** What Java decides is exported for the example, and said. */
  @Test
  void whatJavaDecidesIsSaid() throws Exception {
    UnaryOperator<List<Tensor>> f =
        in -> {
          Tensor x = in.getFirst();
          return List.of(x.sum().item() > 0 ? x.mul(2) : x.neg());
        };
    List<String> warnings = new ArrayList<>();
    Path file = folder.resolve("net.onnx");
    Tensor x = TestData.waves(3, 4).add(1);
    Onnx.export(new Nothing(), f, List.of(x), file, o -> o.onWarning(warnings::add));
    assertEquals(1, warnings.size());
    assertTrue(warnings.getFirst().contains("ExportControlFlowTest"), warnings.toString());
    assertTrue(warnings.getFirst().contains("ifThen"), warnings.toString());
    compare(file, f, List.of(x));
  }

  @Test
  void refuses() {
    Tensor x = TestData.waves(3);
    TorchException two =
        assertThrows(TorchException.class, () -> Torch.ifThen(x.gt(0), () -> x, () -> x.neg()));
    assertTrue(two.getMessage().contains("condition"), two.getMessage());
    TorchException types =
        assertThrows(
            TorchException.class,
            () ->
                Torch.whileLoop(
                    all -> all.getFirst().sum().gt(0),
                    all -> List.of(all.getFirst().to(DType.F64)),
                    List.of(Torch.ones(3))));
    assertTrue(types.getMessage().contains("body"), types.getMessage());
  }
}
