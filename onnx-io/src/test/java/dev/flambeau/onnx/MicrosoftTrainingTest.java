package dev.flambeau.onnx;

import static dev.flambeau.onnx.ElementType.FLOAT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.onnx.proto.AttributeProto;
import dev.flambeau.onnx.proto.NodeProto;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.optim.Adam;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that ONNX Runtime's optimizer wrote are trained like those it was given. */
class MicrosoftTrainingTest {
  private static final long WIDTH = 8;
  private static final long HEADS = 2;

  @BeforeEach
  void seed() {
    Torch.manualSeed(13);
  }

  /** A node of com.microsoft in a graph. */
  private static void fused(Graphs g, String type, String in, String out, AttributeProto... with) {
    g.graph.addNode(
        NodeProto.newBuilder()
            .setDomain(Registry.MICROSOFT)
            .setOpType(type)
            .setName("/" + out + "/" + type)
            .addAllInput(List.of(in.split(" ", -1)))
            .addAllOutput(List.of(out.split(" ", -1)))
            .addAllAttribute(List.of(with)));
  }

  /** The weights of a layer of BERT, before attention and network are added to their inputs. */
  private static Graphs layer() {
    Graphs g = new Graphs().input("x", "batch", "length", WIDTH);
    Map<String, long[]> sizes =
        Map.of(
            "qkv.weight", new long[] {WIDTH, 3 * WIDTH},
            "qkv.bias", new long[] {3 * WIDTH},
            "out.weight", new long[] {WIDTH, WIDTH},
            "out.bias", new long[] {WIDTH},
            "up.weight", new long[] {WIDTH, 4 * WIDTH},
            "up.bias", new long[] {4 * WIDTH},
            "down.weight", new long[] {4 * WIDTH, WIDTH},
            "down.bias", new long[] {WIDTH});
    sizes.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(e -> g.weight(e.getKey(), Torch.randn(e.getValue()).mul(0.3)));
    for (String norm : List.of("norm1", "norm2")) {
      g.weight(norm + ".weight", Torch.ones(WIDTH).add(Torch.randn(WIDTH).mul(0.1)));
      g.weight(norm + ".bias", Torch.randn(WIDTH).mul(0.1));
    }
    return g;
  }

  private static AttributeProto epsilon() {
    return ExportGraph.attribute("epsilon", 1e-5);
  }

  /** As the optimizer writes it. */
  private static Graphs fused() {
    Graphs g = layer();
    AttributeProto heads = ExportGraph.attribute("num_heads", HEADS);
    fused(g, "Attention", "x qkv.weight qkv.bias", "a", heads);
    fused(g, "FusedMatMul", "a out.weight", "o");
    String norm = "o x norm1.weight norm1.bias out.bias";
    fused(g, "SkipLayerNormalization", norm, "h", epsilon());
    fused(g, "FusedMatMul", "h up.weight", "u");
    fused(g, "BiasGelu", "u up.bias", "g");
    fused(g, "FusedMatMul", "g down.weight", "d");
    String last = "d h norm2.weight norm2.bias down.bias";
    fused(g, "SkipLayerNormalization", last, "y", epsilon());
    return g.output("y", "batch", "length", WIDTH);
  }

  /** The same with ONNX's own operators. */
  private static Graphs plain() {
    Graphs g = layer().opset(20);
    g.weight("apart", Torch.tensor(new long[] {0, 0, 3, HEADS, WIDTH / HEADS}, 5));
    g.weight("together", Torch.tensor(new long[] {0, 0, WIDTH}, 3));
    g.weight("third", Torch.tensor(new long[] {1, 1, 1}, 3));
    g.weight("axis", Torch.tensor(new long[] {0}, 1));
    g.weight("scale", Torch.full(DType.F32, 1 / Math.sqrt((double) WIDTH / HEADS)));
    g.node("MatMul", "qkv", "x qkv.weight", "p0").node("Add", "qb", "p0 qkv.bias", "p1");
    g.node("Reshape", "r", "p1 apart", "p2");
    g.node("Transpose", "t", "p2", "p3", ExportGraph.attribute("perm", List.of(2, 0, 3, 1, 4)));
    g.node("Split", "s", "p3 third", "q5 k5 v5", ExportGraph.attribute("axis", 0L));
    for (String one : List.of("q", "k", "v")) {
      g.node("Squeeze", one, one + "5 axis", one);
    }
    g.node("Transpose", "kt", "k", "k1", ExportGraph.attribute("perm", List.of(0, 1, 3, 2)));
    g.node("MatMul", "scores", "q k1", "s0").node("Mul", "scaled", "s0 scale", "s1");
    g.node("Softmax", "soft", "s1", "s2").node("MatMul", "values", "s2 v", "c0");
    g.node("Transpose", "ct", "c0", "c1", ExportGraph.attribute("perm", List.of(0, 2, 1, 3)));
    g.node("Reshape", "cr", "c1 together", "c2");
    g.node("MatMul", "out", "c2 out.weight", "o0").node("Add", "ob", "o0 out.bias", "o1");
    g.node("Add", "skip1", "o1 x", "o2");
    g.node("LayerNormalization", "n1", "o2 norm1.weight norm1.bias", "h", epsilon());
    g.node("MatMul", "up", "h up.weight", "u0").node("Add", "ub", "u0 up.bias", "u1");
    g.node("Gelu", "gelu", "u1", "g").node("MatMul", "down", "g down.weight", "d0");
    g.node("Add", "db", "d0 down.bias", "d1").node("Add", "skip2", "d1 h", "d2");
    g.node("LayerNormalization", "n2", "d2 norm2.weight norm2.bias", "y", epsilon());
    return g.output("y", "batch", "length", WIDTH);
  }

  private static Tensor loss(OnnxModule module, Tensor x, Tensor wanted) {
    return module.forward(x).sub(wanted).square().mean();
  }

  @Test
  void aLayerHasTheGradientsOfItsParts() {
    Torch.manualSeed(14);
    OnnxModule fused = fused().load();
    Torch.manualSeed(14);
    OnnxModule plain = plain().load();
    Set<String> names = fused.namedParameters().keySet();
    assertEquals(plain.namedParameters().keySet(), names);
    assertEquals(12, names.size());
    Tensor x = Torch.randn(3, 5, WIDTH);
    Tensor wanted = Torch.randn(3, 5, WIDTH);
    for (OnnxModule module : List.of(fused, plain)) {
      loss(module, x, wanted).backward();
    }
    for (String name : names) {
      Tensor a = plain.getParameter(name).grad().orElseThrow();
      Tensor b = fused.getParameter(name).grad().orElseThrow();
      assertTrue(a.abs().amax().item() > 1e-4, name + " gets no gradient");
      double gap = TestData.largestDifference(a, b);
      assertTrue(gap < 1e-5 * (1 + a.abs().amax().item()), name + " differs by " + gap);
    }
  }

  @Test
  void aLayerHasAsManyProductsAsItsParts(@TempDir Path folder) throws IOException {
    long[] macs = new long[2];
    Graphs[] both = {fused(), plain()};
    for (int i = 0; i < 2; i++) {
      Path file = folder.resolve(i + ".onnx");
      Files.write(file, both[i].model().toByteArray());
      Map<String, Long> sizes = Map.of("batch", 3L, "length", 5L);
      macs[i] = Onnx.info(file, Optional.of(sizes)).macs().orElseThrow();
    }
    assertEquals(macs[1], macs[0]);
    assertTrue(macs[0] > 3 * 5 * 12 * WIDTH * WIDTH, "" + macs[0]);
  }

  @Test
  void aLayerLearns() {
    OnnxModule module = fused().load();
    Tensor x = Torch.randn(8, 5, WIDTH);
    Tensor wanted = x.flip(1).detach();
    Adam adam = new Adam(module.parameters(), o -> o.lr(5e-3));
    double first = loss(module, x, wanted).item();
    for (int i = 0; i < 60; i++) {
      adam.zeroGrad();
      loss(module, x, wanted).backward();
      adam.step();
    }
    double last = loss(module, x, wanted).item();
    assertTrue(last < 0.6 * first, "from " + first + " to " + last);
  }

  /** What is added to packed weights is trained, the weights and tables are not. */
  @Test
  void packedWeightsAreConstants() {
    Graphs g = new Graphs().input("x", "batch", "length", 16);
    g.weight("cos", Torch.ones(9, 4)).weight("sin", Torch.zeros(9, 4));
    g.weight("at", Torch.tensor(new long[] {0}, 1)).weight("gamma", Torch.ones(16));
    g.weight("w", Torch.randint(0, 256, 16, 1, 8).to(DType.U8));
    g.weight("scales", Torch.rand(16, 1)).weight("bias", Torch.randn(16));
    AttributeProto[] sizes = {
      ExportGraph.attribute("N", 16L),
      ExportGraph.attribute("K", 16L),
      ExportGraph.attribute("block_size", 16L)
    };
    fused(g, "RotaryEmbedding", "x at cos sin", "r");
    fused(g, "SkipSimplifiedLayerNormalization", "r x gamma", "n");
    fused(g, "MatMulNBits", "n w scales   bias", "y", sizes);
    OnnxModule module = g.output("y", "batch", "length", 16).load();
    assertEquals(Set.of("gamma", "bias"), module.namedParameters().keySet());
    module.forward(Torch.randn(2, 9, 16)).square().sum().backward();
    assertTrue(module.getParameter("gamma").grad().orElseThrow().abs().amax().item() > 0);
  }

  private static void refused(Twin node, String... words) {
    String message = assertThrows(TorchException.class, node::ours).getMessage();
    for (String word : words) {
      assertTrue(message.contains(word), word + " in: " + message);
    }
  }

  /** Errors name the node, the argument, what was got and what is allowed. */
  @Test
  void whatDoesNotFitIsRefused() {
    Tensor x = Torch.randn(2, 3, 8);
    Twin t = Twin.of("Attention").set("num_heads", 3).in(x, Torch.randn(8, 24)).out(FLOAT);
    refused(t, "Attention 'node'", "[2, 3, 8] with 3 heads");
    t = Twin.of("Attention").set("num_heads", 2).in(x, Torch.randn(8, 24)).skip(1);
    t.in(Torch.ones(DType.I32, 5)).out(FLOAT);
    refused(t, "mask_index", "[5]");
    t = Twin.of("GroupQueryAttention").set("num_heads", 3).set("kv_num_heads", 2).in(x);
    refused(t.skip(4).in(Torch.ones(DType.I32, 2), Torch.ones(DType.I32, 1)).out(FLOAT), "3, 2");
    t = Twin.of("MatMulNBits").set("N", 4).set("K", 8).set("block_size", 24).in(x);
    t.held(Torch.zeros(DType.U8, 4, 1, 12), Torch.ones(4, 1)).out(FLOAT);
    refused(t, "block_size", "24", "power of two");
    t = Twin.of("MatMulNBits").set("N", 4).set("K", 8).set("block_size", 16).set("bits", 3).in(x);
    t.held(Torch.zeros(DType.U8, 4, 1, 6), Torch.ones(4, 1)).out(FLOAT);
    refused(t, "bits", "3", "2, 4, 8");
    t = Twin.of("FusedConv").set("activation", "Wobble").in(Torch.randn(1, 2, 4, 4));
    refused(t.in(Torch.randn(3, 2, 1, 1)).out(FLOAT), "activation", "Wobble");
    t = Twin.of("MoE").set("k", 5).in(Torch.randn(3, 8), Torch.randn(3, 2));
    t.in(Torch.randn(2, 4, 8)).skip(1).in(Torch.randn(2, 8, 4)).out(FLOAT);
    refused(t, "k", "5", "1 to 2 experts");
  }
}
