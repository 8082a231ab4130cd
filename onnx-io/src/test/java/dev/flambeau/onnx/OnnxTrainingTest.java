package dev.flambeau.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.nn.BatchNorm2d;
import dev.flambeau.torch.nn.Dropout;
import dev.flambeau.torch.nn.Identity;
import dev.flambeau.torch.nn.Linear;
import dev.flambeau.torch.nn.Module;
import dev.flambeau.torch.nn.Tanh;
import dev.flambeau.torch.nn.utils.Prune;
import dev.flambeau.torch.nn.utils.Stateless;
import dev.flambeau.torch.optim.SGD;
import dev.flambeau.torch.serialize.Safetensors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Imported graphs as modules that are trained and changed. */
class OnnxTrainingTest {
  @TempDir Path folder;

  private static void assertClose(Tensor expected, Tensor actual, double tolerance, String what) {
    double gap = TestData.largestDifference(expected, actual);
    assertTrue(gap <= tolerance, what + " differs by " + gap);
  }

  private OnnxModule exported(Module net) {
    Path file = folder.resolve("net.onnx");
    net.eval();
    Onnx.export(net, List.of(TestData.waves(1, 3, 32, 32)), file, o -> o.dynamicAxis(0, "batch"));
    return Onnx.load(file);
  }

  private static Tensor step(Module net, Tensor input) {
    SGD optimizer = new SGD(net.parameters(), o -> o.lr(1e-3));
    Tensor out = net.call(input);
    out.square().mean().backward();
    optimizer.step();
    return out.detach();
  }

  /** conv, batch norm, dropout, linear, written node by node as exporters for inference do. */
  private static Graphs small(BatchNorm2d norm, Linear fc) {
    return new Graphs()
        .input("image", "batch", 3, "height", "width")
        .weight("conv.weight", TestData.waves(4, 3, 3, 3))
        .weight("bn.weight", norm.stateDict().get("weight"))
        .weight("bn.bias", norm.stateDict().get("bias"))
        .weight("bn.running_mean", norm.stateDict().get("running_mean").copy())
        .weight("bn.running_var", norm.stateDict().get("running_var").copy())
        .weight("fc.weight", fc.stateDict().get("weight"))
        .weight("fc.bias", fc.stateDict().get("bias"))
        .node("Conv", "/conv/Conv", "image conv.weight", "c")
        .node(
            "BatchNormalization",
            "/bn/BatchNormalization",
            "c bn.weight bn.bias bn.running_mean bn.running_var",
            "n")
        .node("Relu", "/Relu", "n", "r")
        .node(
            "ReduceMean",
            "/pool/ReduceMean",
            "r",
            "p",
            ExportGraph.attribute("axes", List.of(2, 3)))
        .node("Flatten", "/Flatten", "p", "f")
        .node("Dropout", "/drop/Dropout", "f", "d")
        .node("Transpose", "/fc/Transpose", "fc.weight", "t")
        .node("MatMul", "/fc/MatMul", "d t", "m")
        .node("Add", "/fc/Add", "m fc.bias", "scores")
        .output("scores", "batch", 5);
  }

  @Test
  void batchNormFollowsTheBatchInTraining() {
    BatchNorm2d norm = new BatchNorm2d(4);
    OnnxModule module = small(norm, new Linear(4, 5)).load().withOutputs("n");
    OnnxModule before = small(norm, new Linear(4, 5)).load().withOutputs("c");
    Tensor image = TestData.waves(2, 3, 9, 7);
    assertEquals(Set.of("conv.weight", "bn.weight", "bn.bias"), module.namedParameters().keySet());
    assertEquals(Set.of("bn.running_mean", "bn.running_var"), module.namedBuffers().keySet());
    Tensor still = module.forward(image);
    assertEquals(0, module.getBuffer("bn.running_mean").abs().max().item());
    module.train();
    norm.train();
    Tensor expected = norm.call(before.forward(image));
    assertClose(expected, module.forward(image), 1e-5, "output");
    assertTrue(TestData.largestDifference(expected, still) > 0.1);
    for (String name : List.of("running_mean", "running_var")) {
      Tensor wanted = norm.getBuffer(name);
      assertClose(wanted, module.getBuffer("bn." + name), 1e-6, name);
    }
    module.eval();
    norm.eval();
    assertClose(norm.call(before.forward(image)), module.forward(image), 1e-5, "afterwards");
  }

  @Test
  void dropoutDropsInTraining() {
    OnnxModule module = small(new BatchNorm2d(4), new Linear(4, 5)).load().withOutputs("d");
    Tensor image = TestData.waves(8, 3, 9, 7);
    Tensor whole = module.forward(image);
    OnnxModule before = small(new BatchNorm2d(4), new Linear(4, 5)).load().withOutputs("f");
    before.train();
    module.train();
    Torch.manualSeed(3);
    Tensor dropped = module.forward(image);
    Torch.manualSeed(3);
    Dropout same = new Dropout(0.5);
    assertClose(same.call(before.forward(image)), dropped, 1e-6, "dropout");
    module.eval();
    assertTrue(TestData.largestDifference(whole, dropped) > 1e-3);
  }

  /** One training step in training mode: parameters and statistics as the original's. */
  @Test
  void aStepInTrainingModeEqualsTheOriginals() {
    Torch.manualSeed(7);
    Module net = new ExportNets.Residual();
    OnnxModule module = exported(net);
    Tensor images = TestData.waves(4, 3, 32, 32);
    net.train();
    module.train();
    assertClose(step(net, images), step(module, images), 1e-4, "output");
    Map<String, Tensor> trained = module.stateDict();
    net.stateDict()
        .forEach(
            (key, value) -> {
              if (!key.endsWith("num_batches_tracked")) {
                assertClose(value, trained.get(key), 1e-5, key);
              }
            });
  }

  @Test
  void aPartIsReplacedByAModule() throws Exception {
    Linear old = new Linear(4, 5);
    OnnxModule module = small(new BatchNorm2d(4), old).load();
    Tensor image = TestData.waves(2, 3, 9, 7);
    Tensor expected = module.forward(image);
    Linear same = new Linear(4, 5);
    same.loadStateDict(old.stateDict());
    module.replace("fc", same);
    assertClose(expected, module.forward(image), 1e-6, "the same layer");
    assertSame(same, module.getSubmodule("fc"));
    assertSame(same.getParameter("bias"), module.getParameter("fc.bias"));
    assertEquals(
        new TreeSet<>(Set.of("conv.weight", "bn.weight", "bn.bias", "fc.weight", "fc.bias")),
        new TreeSet<>(module.namedParameters().keySet()));
    module.replace("fc", new Linear(4, 2));
    assertEquals(Shape.of(2, 2), module.forward(image).shape());
    module.train();
    assertTrue(module.getSubmodule("fc").isTraining());

    Path file = folder.resolve("changed.onnx");
    Onnx.export(module, List.of(image), file, o -> o.dynamicAxis(0, "batch"));
    OnnxModule back = Onnx.load(file);
    assertEquals(module.namedParameters().keySet(), back.namedParameters().keySet());
    module.eval();
    assertClose(module.forward(image), back.forward(image), 1e-6, "exported");

    Path state = folder.resolve("state.safetensors");
    Safetensors.save(module.stateDict(), state);
    OnnxModule other = small(new BatchNorm2d(4), new Linear(4, 5)).load();
    other.replace("fc", new Linear(4, 2));
    other.loadStateDict(Safetensors.load(state));
    assertClose(module.forward(image), other.forward(image), 0, "loaded");
  }

  @Test
  void nodesAreReplacedByNameAndByOutput() {
    OnnxModule module = small(new BatchNorm2d(4), new Linear(4, 5)).load();
    Tensor image = TestData.waves(2, 3, 9, 7);
    module.replace("/Relu", new Tanh());
    Tensor features = module.withOutputs("n").forward(image);
    assertClose(features.tanh(), module.withOutputs("r").forward(image), 1e-6, "by name");
    module.replace("d", new Identity());
    module.train();
    assertClose(
        module.withOutputs("f").forward(image),
        module.withOutputs("d").forward(image),
        0,
        "no dropout");
    String message =
        assertThrows(TorchException.class, () -> module.replace("head", new Linear(4, 2)))
            .getMessage();
    assertTrue(message.contains("'head'") && message.contains("conv, bn"), message);
  }

  @Test
  void whatTakesSeveralValuesNeedsAFunction() {
    OnnxModule module =
        new Graphs()
            .input("a", 2, 3)
            .input("b", 2, 3)
            .node("Mul", "/join/Mul", "a b", "p")
            .node("Add", "/join/Add", "p b", "y")
            .output("y", 2, 3)
            .load();
    Tensor a = TestData.waves(2, 3);
    Tensor b = TestData.waves(2, 3).add(1);
    Linear net = new Linear(3, 3);
    String message =
        assertThrows(TorchException.class, () -> module.replace("join", net)).getMessage();
    assertTrue(message.contains("[a, b]"), message);
    module.replace("join", net, in -> List.of(net.call(in.get(0)).add(in.get(1))));
    assertClose(net.forward(a).add(b), module.forward(List.of(a, b)).getFirst(), 1e-6, "function");
    assertEquals(Set.of("join.weight", "join.bias"), module.namedParameters().keySet());
  }

  private static OnnxModule constant() {
    return new Graphs()
        .opset(18)
        .input("x", 2, 3)
        .weight("axes", Torch.tensor(new long[] {1}, 1))
        .node("ReduceSum", "r", "x axes", "y")
        .output("y", 2, 1)
        .load();
  }

  @Test
  void partsAreListed() {
    OnnxModule module = small(new BatchNorm2d(4), new Linear(4, 5)).load();
    assertEquals(Set.of("axes"), constant().constants().keySet());
    assertEquals("OnnxModule(inputs=[image], outputs=[scores], nodes=9)", module.toString());
    List<Submodule> parts = module.submodules();
    assertEquals(
        List.of("conv", "bn", "pool", "drop", "fc"), parts.stream().map(Submodule::path).toList());
    Submodule fc = parts.getLast();
    assertEquals(List.of("fc.weight", "fc.bias"), fc.parameters());
    assertEquals(List.of("d"), fc.inputs());
    assertEquals(List.of("scores"), fc.outputs());
    assertEquals("MatMul '/fc/MatMul'", fc.nodes().get(1));
    List<String> nested =
        exported(new ExportNets.Residual()).submodules().stream().map(Submodule::path).toList();
    assertFalse(nested.isEmpty());
  }

  /** What other modules are changed by works on imported ones too. */
  @Test
  void parametersArePrunedAndExchanged() {
    Tensor image = TestData.waves(2, 3, 9, 7);
    OnnxModule pruned = small(new BatchNorm2d(4), new Linear(4, 5)).load();
    Prune.l1Unstructured(pruned, "fc.weight", 0.5);
    pruned.call(image);
    long zeros = pruned.namedBuffers().get("fc.weight_mask").eq(0).sum().itemLong();
    assertEquals(10, zeros);
    step(pruned, image);
    pruned.call(image);
    Prune.remove(pruned, "fc.weight");
    assertEquals(10, pruned.getParameter("fc.weight").eq(0).sum().itemLong());

    OnnxModule other = small(new BatchNorm2d(4), new Linear(4, 5)).load();
    Tensor scores =
        Stateless.functionalCall(other, Map.of("fc.bias", Torch.full(DType.F32, 7, 5)), image);
    Tensor without = other.call(image).sub(other.getParameter("fc.bias"));
    assertClose(without.add(7), scores, 1e-5, "functional call");
    String message =
        assertThrows(TorchException.class, () -> Prune.l1Unstructured(other, "none", 0.5))
            .getMessage();
    assertTrue(message.contains("none"), message);
  }

  @Test
  void frozenParametersAreNotTrained() {
    OnnxModule module = small(new BatchNorm2d(4), new Linear(4, 5)).load();
    assertEquals(List.of("conv.weight", "bn.weight", "bn.bias"), module.freeze("conv.*", "bn*"));
    Map<String, Tensor> before = new HashMap<>();
    module.namedParameters().forEach((k, t) -> before.put(k, t.detach().copy()));
    step(module, TestData.waves(2, 3, 9, 7));
    module
        .namedParameters()
        .forEach(
            (key, value) -> {
              double gap = TestData.largestDifference(before.get(key), value);
              assertEquals(key.startsWith("fc."), gap > 0, key + " moved by " + gap);
            });
    assertEquals(List.of("bn.weight", "bn.bias"), module.unfreeze("bn.*"));
    assertTrue(module.getParameter("bn.bias").requiresGrad());
    String message =
        assertThrows(TorchException.class, () -> module.freeze("encoder.*")).getMessage();
    assertTrue(message.contains("'encoder.*'") && message.contains("conv.weight"), message);
  }

  @Test
  void miniLmIsTrainedInParts() throws Exception {
    OnnxModule module = Onnx.load(TestData.miniLm());
    long all = module.parameters().stream().mapToLong(Tensor::numel).sum();
    // What the model's card says, less the pooler, which the file lacks.
    assertEquals(22_713_216 - 384 * 385, all);
    // A layer of width 384: four projections, two of four times the width, two norms.
    List<String> layer = module.freeze("encoder.layer.3.*");
    long frozen = layer.stream().mapToLong(name -> module.getParameter(name).numel()).sum();
    assertEquals(384 * 384 * 12 + 384 * 9 + 1536, frozen, layer::toString);
    assertEquals(16, layer.size(), layer::toString);
    module.freeze("*");
    assertEquals(16, module.unfreeze("encoder.layer.5.*").size());
    assertEquals(16, module.parameters().stream().filter(Tensor::requiresGrad).count());
  }

  @Test
  void foldedBatchNormIsConstantUnlessAsked() throws Exception {
    Graphs graphs =
        new Graphs()
            .input("x", 1, 3, 8, 8)
            .weight("w", TestData.waves(4, 3, 3, 3))
            .weight("scale", TestData.waves(4, 1, 1))
            .weight("shift", TestData.waves(4, 1, 1))
            .weight("w2", TestData.waves(2, 4, 1, 1))
            .weight("bias", TestData.waves(2, 1, 1))
            .node("Conv", "c", "x w", "a")
            .node("Mul", "m", "a scale", "b")
            .node("Add", "s", "b shift", "d")
            .node("Conv", "c2", "d w2", "e")
            .node("Add", "s2", "e bias", "y")
            .output("y", 1, 2, 6, 6);
    Path file = folder.resolve("folded.onnx");
    Files.write(file, graphs.model().toByteArray());
    assertEquals(Set.of("w", "w2", "bias"), Onnx.load(file).namedParameters().keySet());
    assertEquals(
        Set.of("w", "w2", "bias", "scale", "shift"),
        Onnx.load(file, o -> o.trainFolded(true)).namedParameters().keySet());
    assertEquals(
        Set.of("bias", "scale"),
        Onnx.load(file, o -> o.fixed("w*").trained("sc*")).namedParameters().keySet());
  }

  @Test
  void copiesOfVectorsAreParametersOfTheirOwn() {
    OnnxModule module =
        new Graphs()
            .input("x", 1, 4)
            .weight("first.bias", TestData.waves(4))
            .weight("w", TestData.waves(4, 4))
            .node("Identity", "i", "first.bias", "second.bias")
            .node("Gemm", "a", "x w first.bias", "h")
            .node("Gemm", "b", "h w second.bias", "y")
            .output("y", 1, 4)
            .load();
    assertEquals(Set.of("first.bias", "w", "second.bias"), module.namedParameters().keySet());
    step(module, TestData.waves(1, 4));
    assertTrue(
        TestData.largestDifference(
                module.getParameter("first.bias"), module.getParameter("second.bias"))
            > 0);
  }

  @Test
  void openSizesAreNamedInErrors() {
    OnnxModule module =
        new Graphs()
            .input("ids", "batch", "length")
            .input("mask", "batch", "length")
            .input("w", 2, 3)
            .node("Add", "a", "ids mask", "s")
            .node("MatMul", "m", "s w", "y")
            .output("y", "batch", 3)
            .load();
    assertEquals(List.of("batch", "length"), module.inputSizes(0).orElseThrow());
    String open =
        assertThrows(
                TorchException.class,
                () -> module.forward(List.of(Torch.ones(4, 2), Torch.ones(4, 1), Torch.ones(2, 3))))
            .getMessage();
    assertTrue(open.contains("'mask'") && open.contains("length is 2 by 'ids'"), open);
    String axes =
        assertThrows(
                TorchException.class,
                () -> module.forward(List.of(Torch.ones(4), Torch.ones(4, 2), Torch.ones(2, 3))))
            .getMessage();
    assertTrue(axes.contains("'ids'") && axes.contains("2 axes: [batch, length]"), axes);
    String baked =
        assertThrows(
                TorchException.class,
                () -> module.forward(List.of(Torch.ones(4, 2), Torch.ones(4, 2), Torch.ones(5, 3))))
            .getMessage();
    assertTrue(baked.contains("'w' has size 5 on axis 0 of [2, 3]"), baked);
    Tensor y =
        module.forward(List.of(Torch.ones(4, 2), Torch.ones(4, 2), Torch.ones(2, 7))).getFirst();
    assertEquals(Shape.of(4, 7), y.shape());
  }

  @Test
  void unsupportedOperatorsInBodiesAndFunctionsAreListed() {
    Graphs body = new Graphs().node("Wobble", "w", "x", "z").output("z");
    Graphs model =
        new Graphs()
            .input("x", 2)
            .weight("c", Torch.tensor(new double[] {1}, 1).gt(0).reshape())
            .node("Gelu", "early", "x", "g")
            .node(
                "If",
                "branch",
                "c",
                "y",
                Graphs.body("then_branch", body),
                Graphs.body("else_branch", body))
            .output("y", 2);
    String message = assertThrows(TorchException.class, model::load).getMessage();
    assertTrue(message.contains("ai.onnx.Wobble-17"), message);
    assertTrue(message.contains("ai.onnx.Gelu-17 (there from 20 on)"), message);
  }
}
