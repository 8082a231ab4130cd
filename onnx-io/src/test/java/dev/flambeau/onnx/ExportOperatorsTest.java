package dev.flambeau.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.dispatch.Dispatcher;
import dev.flambeau.torch.nn.Module;
import dev.flambeau.torch.nn.functional.F;
import dev.flambeau.torch.op.Ops;
import dev.flambeau.torch.op.Pointwise;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Operators one by one in ONNX Runtime, on twice the example's size. */
class ExportOperatorsTest {
  /** Operators on integers, which the inputs here are not. */
  private static final List<String> INTEGERS = List.of("bitwise", "shift", "gcd", "lcm");

  private static final class Nothing extends Module {}

  @TempDir Path folder;

  private String compare(String name, UnaryOperator<List<Tensor>> f, List<Tensor> in, int opset)
      throws Exception {
    Path file = folder.resolve("op.onnx");
    List<Tensor> half = in.stream().map(t -> t.narrow(0, 0, 2).contiguous()).toList();
    Onnx.export(new Nothing(), f, half, file, o -> o.opset(opset).dynamicAxis(0, "n"));
    Tensor expected = Torch.noGrad(() -> f.apply(in)).getFirst();
    Map<String, Tensor> feed = new LinkedHashMap<>();
    for (int i = 0; i < in.size(); i++) {
      feed.put(i == 0 ? "input" : "input_" + i, in.get(i));
    }
    try (Peer peer = new Peer(file)) {
      Tensor got = peer.run(feed);
      if (!got.shape().equals(expected.shape())) {
        return name + ": " + got.shape() + " for " + expected.shape() + "; ";
      }
      double gap = got.sub(expected).abs().nanToNum().max().item();
      double scale = Math.max(1, expected.abs().nanToNum().max().item());
      boolean nan = got.isnan().eq(expected.isnan()).all().item() == 1;
      return nan && gap <= 1e-4 * scale ? "" : name + " differs by " + gap + "; ";
    }
  }

  @Test
  void operatorsOnElements() throws Exception {
    Tensor x = TestData.waves(4, 5).mul(0.9);
    List<Tensor> in = List.of(x, x.flip(1).add(0.3), x.mul(2));
    StringBuilder wrong = new StringBuilder();
    int exported = 0;
    for (Pointwise op : Ops.pointwise().values()) {
      if (INTEGERS.stream().anyMatch(op.name()::contains)) {
        continue;
      }
      List<Tensor> operands = new ArrayList<>(in.subList(0, Math.min(op.arity(), 3)));
      if (op.arity() > 3) {
        operands.add(in.getFirst().add(1));
      }
      UnaryOperator<List<Tensor>> f =
          all -> List.of(Dispatcher.call(op, all.toArray(Tensor[]::new)).to(DType.F32));
      for (int opset : List.of(13, 21)) {
        wrong.append(compare(op.name() + "-" + opset, f, operands, opset));
        exported++;
      }
    }
    assertEquals("", wrong.toString());
    assertTrue(exported >= 270, exported + " exported");
  }

  /** Quotients and remainders of both signs. */
  private static Tensor integers(Tensor t) {
    Tensor n = t.mul(20).to(DType.I64);
    Tensor four = Torch.full(DType.I64, -4);
    Tensor rest = Dispatcher.call(Pointwise.REMAINDER, n, four);
    Tensor low = Dispatcher.call(Pointwise.FLOOR_DIVIDE, n, four);
    return rest.mul(100).add(low).to(DType.F32);
  }

  @Test
  void reductionsAndMovements() throws Exception {
    Tensor x = TestData.waves(4, 3, 6);
    Optional<Tensor> none = Optional.empty();
    Map<String, UnaryOperator<Tensor>> all = new LinkedHashMap<>();
    all.put("sum", t -> t.sum(1));
    all.put("sum all", t -> t.sum());
    all.put("mean", t -> t.mean(new int[] {1, 2}, true));
    all.put("prod", t -> t.prod(2));
    all.put("amax", t -> t.amax(1));
    all.put("amin", t -> t.amin(0, 2));
    all.put("var", t -> t.var(2));
    all.put("any", t -> t.gt(0.5).any().to(DType.F32).add(t));
    all.put("integers", ExportOperatorsTest::integers);
    all.put("flip", t -> t.flip(1));
    all.put("reshape", t -> t.reshape(t.size(0) * 3, 6));
    all.put("joined", t -> t.reshape(t.size(0), 3, 2, 3).permute(1, 0, 2, 3).reshape(3, -1));
    all.put("expand", t -> t.narrow(1, 0, 1).expand(t.size(0), 7, 6));
    all.put("zeros", t -> Torch.zeros(t.size(0), 2).add(t.select(2, 0).narrow(1, 0, 2)));
    all.put("last", t -> t.select(0, -1));
    all.put("half", t -> t.narrow(0, 0, t.size(0) / 2));
    all.put("cumsum", t -> t.cumsum(2));
    all.put("triu", t -> t.triu(1));
    all.put("softmax", t -> t.softmax(1));
    all.put("cat", t -> Torch.cat(List.of(t, t.neg()), 2));
    all.put("layer norm", t -> F.layerNorm(t, new long[] {6}, none, none, 1e-5));
    StringBuilder wrong = new StringBuilder();
    for (var e : all.entrySet()) {
      for (int opset : List.of(14, 17, 21)) {
        UnaryOperator<List<Tensor>> f = in -> List.of(e.getValue().apply(in.getFirst()));
        try {
          wrong.append(compare(e.getKey() + "-" + opset, f, List.of(x), opset));
        } catch (TorchException | ai.onnxruntime.OrtException refused) {
          wrong.append(e.getKey()).append('-').append(opset).append(": ").append(refused);
        }
      }
    }
    assertEquals("", wrong.toString());
  }
}
