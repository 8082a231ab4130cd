package dev.flambeau.zoo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.flambeau.onnx.Onnx;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.nn.Module;
import dev.flambeau.torch.serialize.Npy;
import dev.flambeau.torch.serialize.PyTorchFile;
import dev.flambeau.torch.serialize.Safetensors;
import dev.flambeau.vision.models.MobileNetV3;
import dev.flambeau.vision.transforms.PreprocessCard;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OnnxCommandTest {
  @TempDir Path folder;

  private Cli check(String operator) throws IOException {
    Path file = folder.resolve("net.onnx");
    Files.write(file, TinyOnnx.model(operator, Map.of()));
    return Cli.run("onnx", "check", file.toString());
  }

  @Test
  void checkSaysWhatIsWrong() throws IOException {
    Cli good = check("GlobalAveragePool");
    assertEquals(0, good.code(), good::toString);
    assertTrue(good.out().contains("correct"), good.out());
    Cli bad = check("Frobnicate");
    assertEquals(1, bad.code(), bad::toString);
    assertTrue(bad.out().contains("Frobnicate 'only': no such operator in set 13"), bad.out());
    Cli.run("onnx", "check", folder.resolve("none.onnx").toString()).refused("no such file");
  }

  private String tiny(String name, String operator) throws IOException {
    return Files.write(folder.resolve(name), TinyOnnx.model(operator, Map.of())).toString();
  }

  private static JsonNode json(String text) throws IOException {
    return new ObjectMapper().readTree(text);
  }

  private static String model(String name) {
    String given = System.getProperty("flambeau.conformance");
    String root = System.getProperty("flambeau.root", "..");
    Path data = given == null ? Path.of(root, "../shared/conformance") : Path.of(given);
    Path file = data.resolveSibling("models").resolve(name).normalize();
    if (!Files.isRegularFile(file)) {
      System.out.println("skipped: no " + file);
      Assumptions.abort("no " + file);
    }
    return file.toString();
  }

  /** Sizes by hand: 3 convolutions of 3x3 on 28x28 pixels, two linear layers, two norms. */
  @Test
  void infoCounts() throws IOException {
    String file = model("onnx/mnist_pytorch.onnx");
    JsonNode info = json(Cli.run("onnx", "info", file, "--json").out());
    long macs = 8 * 9 * 26 * 26 + 16 * 72 * 24 * 24 + 24 * 144 * 22 * 22;
    assertEquals(macs + 11616 * 32 + 32 * 10, info.get("macs").longValue());
    long parameters = 80 + 16 * 73 + 24 * 145 + 24 * 2 + 11617 * 32 + 33 * 10 + 10 * 2;
    assertEquals(parameters, info.get("parameters").longValue());
    assertEquals(3, info.get("operators").get("Conv").intValue());
    assertEquals(16, info.get("opsets").get("ai.onnx").intValue());
    assertEquals("[\"1\",\"1\",\"28\",\"28\"]", "" + info.get("inputs").get(0).get("sizes"));
    long largest = 4 * (8 * 26 * 26 + 16 * 24 * 24);
    assertTrue(info.get("peak_bytes").longValue() > largest, info::toString);
    Cli text = Cli.run("onnx", "info", file);
    assertTrue(text.out().contains("376,870"), text.out());
    assertTrue(text.out().contains("input.1  FLOAT [1, 1, 28, 28]"), text.out());
  }

  @Test
  void infoOfWhatCannotRun() throws IOException {
    JsonNode info = json(Cli.run("onnx", "info", tiny("odd.onnx", "Frobnicate"), "--json").out());
    assertEquals("[\"Frobnicate-13\"]", info.get("unsupported").toString());
    Cli.run("onnx", "info", tiny("a.onnx", "Relu"), "--size", "x:9=3").refused("x:9", "x:0");
    Cli.run("onnx", "info", tiny("a.onnx", "Relu"), "--size", "x:0=0").refused("1 or more");
    Cli.run("onnx", "info", folder + "/none.onnx").refused("none.onnx", "no such file");
  }

  @Test
  void shapesAreShownOrWritten() throws IOException {
    String file = tiny("net.onnx", "GlobalAveragePool");
    Cli shown = Cli.run("onnx", "shapes", file);
    assertEquals(0, shown.code(), shown::toString);
    assertTrue(shown.out().contains("y  float ["), shown.out());
    assertTrue(shown.out().contains(", 1, 1]"), shown.out());
    Path out = folder.resolve("shaped.onnx");
    Cli written = Cli.run("onnx", "shapes", file, "-o", out + "");
    assertEquals(0, written.code(), written::toString);
    assertEquals(0, Cli.run("onnx", "check", out + "").code());
    Cli.run("onnx", "shapes", folder + "/none.onnx").refused("none.onnx", "no such file");
  }

  @Test
  void runTakesAndGivesArrays() throws IOException {
    String file = tiny("net.onnx", "GlobalAveragePool");
    Path in = folder.resolve("in.npz");
    Path out = folder.resolve("out.npz");
    Tensor x = Torch.arange(192).to(DType.F32).reshape(1, 3, 8, 8);
    Npy.saveAll(Map.of("x", x), in);
    Cli got = Cli.run("onnx", "run", file, "--inputs", in + "", "--outputs", out + "");
    assertEquals(0, got.code(), got::toString);
    Tensor y = Npy.loadAll(out).get("y");
    assertEquals(Shape.of(1, 3, 1, 1), y.shape());
    assertEquals(31.5 + 64, y.select(1, 1).item(), 1e-4);
    Cli random = Cli.run("onnx", "run", file);
    assertTrue(random.out().contains("output  y  F32 [1, 3, 1, 1]"), random.out());
    Npy.saveAll(Map.of("z", x), in);
    Cli.run("onnx", "run", file, "--inputs", in + "").refused("[z]", "[x]");
    Cli.run("onnx", "run", file, "--inputs", "none.npz").refused("none.npz", ".npz");
  }

  @Test
  void diffFindsStructureWeightsAndOutputs() throws IOException {
    String relu = tiny("a.onnx", "Relu");
    Cli same = Cli.run("onnx", "diff", relu, tiny("b.onnx", "Relu"));
    assertEquals(0, same.code(), same::toString);
    assertTrue(same.out().contains("no difference"), same.out());
    Cli other = Cli.run("onnx", "diff", relu, tiny("c.onnx", "Tanh"));
    assertEquals(1, other.code(), other::toString);
    assertTrue(other.out().contains("structure: nodes Relu: 1 against 0"), other.out());
    assertTrue(other.out().contains("outputs: y: differs by"), other.out());

    Torch.manualSeed(1);
    Module net = MobileNetV3.small(2).eval();
    List<Tensor> image = List.of(Torch.zeros(1, 3, 32, 32));
    Path left = folder.resolve("left.onnx");
    Path right = folder.resolve("right.onnx");
    Onnx.export(net, image, left, _ -> {});
    Torch.noGrad(() -> net.getParameter("classifier.3.bias").add_(0.25));
    Onnx.export(net, image, right, _ -> {});
    Cli weights = Cli.run("onnx", "diff", left + "", right + "");
    assertEquals(1, weights.code(), weights::toString);
    assertTrue(
        weights.out().contains("weights: classifier.3.bias: differs by 0.25"), weights.out());
    assertTrue(weights.out().contains("2 differences"), weights.out());
  }

  /** A state to ONNX and back is the same state. */
  @Test
  void convertsThereAndBack() throws IOException {
    Torch.manualSeed(2);
    Module net = MobileNetV3.small(4).eval();
    Path state = folder.resolve("net.safetensors");
    Path onnx = folder.resolve("net.onnx");
    Path again = folder.resolve("again.pth");
    Safetensors.save(net.stateDict(), state);
    Cli there = Cli.run("onnx", "convert", state + "", onnx + "", "--model", "mobilenet_v3_small");
    assertEquals(0, there.code(), there::toString);
    assertEquals(0, Cli.run("onnx", "check", onnx + "").code());
    Tensor image = Torch.randn(2, 3, 224, 224);
    Tensor expected = Torch.noGrad(() -> net.forward(image));
    double gap =
        expected.sub(Torch.noGrad(() -> Onnx.load(onnx).forward(image))).abs().amax().item();
    assertTrue(gap < 1e-4, "differs by " + gap);
    assertEquals(0, Cli.run("onnx", "convert", onnx + "", again + "").code());
    Map<String, Tensor> back = PyTorchFile.stateDict(again);
    net.namedParameters()
        .forEach((name, t) -> assertEquals(0, t.detach().sub(back.get(name)).abs().amax().item()));
    Cli.run("onnx", "convert", state + "", onnx + "").refused("--model", "resnet18");
    Cli.run("onnx", "convert", state + "", onnx + "", "--model", "resnet19")
        .refused("'resnet19'", "resnet18");
    Cli.run("onnx", "convert", state + "", onnx + "", "--model", "resnet18").refused("fc.weight");
    Cli.run("onnx", "convert", onnx + "", folder + "/net.xyz").refused("net.xyz", ".safetensors");
    Cli.run("onnx", "convert", onnx + "", folder + "/b.onnx").refused("b.onnx");
    Cli.run("onnx", "convert", onnx + "", folder + "/b.gguf").refused("b.gguf", "not written");
  }

  /** Every network we have, through every kind of state, with how its pictures are prepared. */
  @ParameterizedTest
  @CsvSource({"resnet18, pth", "resnet34, safetensors", "mobilenet_v3_small, npz"})
  void convertedStatesLoadStrictly(String name, String ending) throws IOException {
    Torch.manualSeed(3);
    Path state = folder.resolve("net." + ending);
    Path onnx = folder.resolve("net.onnx");
    Path back = folder.resolve("back." + ending);
    Module net = Architectures.make(name, 3);
    Map<String, Tensor> all = net.stateDict();
    switch (ending) {
      case "pth" -> PyTorchFile.save(all, state);
      case "npz" -> Npy.saveAll(all, state);
      default -> Safetensors.save(all, state);
    }
    assertEquals(0, Cli.run("onnx", "convert", state + "", onnx + "", "--model", name).code());
    PreprocessCard card = OnnxFiles.card(onnx).orElseThrow();
    assertEquals(PreprocessCard.IMAGENET, card);
    assertEquals(0, Cli.run("onnx", "convert", onnx + "", back + "").code());
    Map<String, Tensor> returned =
        switch (ending) {
          case "pth" -> PyTorchFile.stateDict(back);
          case "npz" -> Npy.loadAll(back);
          default -> Safetensors.load(back);
        };
    Module fresh = Architectures.make(name, 3);
    // All keys, and no others.
    fresh.loadStateDict(returned);
    fresh
        .namedParameters()
        .forEach(
            (key, t) -> assertEquals(0, t.detach().sub(all.get(key)).abs().amax().item(), key));
    if (ending.equals("safetensors")) {
      assertEquals(card.toJson(), Safetensors.metadata(back).get(Onnx.PREPROCESS));
    }
  }

  @Test
  void allArchitecturesAreConverted() {
    assertEquals("mobilenet_v3_small, resnet18, resnet34", Architectures.names());
  }

  @Test
  void graphIsDrawn() throws IOException {
    Path page = folder.resolve("net.html");
    Path picture = folder.resolve("net.svg");
    String file = model("onnx/mnist_pytorch.onnx");
    assertEquals(0, Cli.run("onnx", "graph", file, "-o", page + "").code());
    assertEquals(0, Cli.run("onnx", "graph", file, "-o", picture + "").code());
    String html = Files.readString(page);
    assertTrue(html.contains(">BatchNormalization</text>"), html);
    assertTrue(html.contains("<td>kernel_shape</td><td>[3, 3]</td>"), html);
    assertFalse(html.contains("http://") && html.contains("src="), "loads something");
    String svg = Files.readString(picture);
    assertEquals(13, svg.split("<g class=\"b ").length - 1 - 2, svg);
    Cli.run("onnx", "graph", file, "-o", "net.png").refused("net.png", ".svg");
  }

  /** Names of a hostile file are text, not markup. */
  @Test
  void namesAreEscaped() throws IOException {
    String file = tiny("evil.onnx", "<script>alert(1)</script>");
    Path page = folder.resolve("evil.html");
    assertEquals(0, Cli.run("onnx", "graph", file, "-o", page + "").code());
    String html = Files.readString(page);
    assertFalse(html.contains("<script>alert"), html);
    assertTrue(html.contains("&lt;script&gt;alert(1)"), html);
  }
}
