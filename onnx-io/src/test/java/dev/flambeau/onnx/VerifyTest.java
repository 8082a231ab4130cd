package dev.flambeau.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import java.io.File;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerifyTest {
  @TempDir Path folder;

  @Test
  void realModelsAgree() throws Exception {
    Path file = TestData.model("mnist.onnx");
    OnnxModule module = Onnx.load(file);
    Map<String, Tensor> inputs =
        Map.of(module.inputs().getFirst(), TestData.waves(1, 1, 28, 28).mul(255));
    Path copy = Files.copy(file, folder.resolve("mnist.onnx"));
    Verification result = Onnx.verify(copy, inputs, o -> o.layers(true));
    assertTrue(result.agrees(), result::toString);
    assertTrue(result.largest() > 0 && result.largest() < 1e-4, result::toString);
    assertTrue(result.layers().size() >= 10, result::toString);
    assertTrue(result.firstDifferent().isEmpty(), result::toString);
    assertTrue(result.toString().contains("all of them agree"), result::toString);
    assertEquals(List.of(copy), files());
  }

  private List<Path> files() throws Exception {
    try (var all = Files.list(folder)) {
      return all.toList();
    }
  }

  @Test
  void theFirstLayerThatDiffersIsNamed() throws Exception {
    Graphs graphs =
        new Graphs()
            .input("x", 1, 64)
            .weight("w", TestData.waves(64, 64))
            .weight("back", TestData.waves(64, 64).neg())
            .node("MatMul", "there", "x w", "a")
            .node("MatMul", "again", "x back", "b")
            .node("Add", "cancel", "a b", "c")
            .node("RandomNormalLike", "noise", "c", "d")
            .node("Add", "sum", "a d", "y")
            .output("y", 1, 64);
    Path file = folder.resolve("noise.onnx");
    Files.write(file, graphs.model().toByteArray());
    Verification result =
        Onnx.verify(file, Map.of("x", TestData.waves(1, 64)), o -> o.layers(true).tolerance(1e-2));
    assertFalse(result.agrees(), result::toString);
    assertEquals("RandomNormalLike 'noise'", result.firstDifferent().orElseThrow().node());
    assertEquals("d", result.firstDifferent().orElseThrow().value());
    assertTrue(result.toString().contains("first that differs: d [1, 64]"), result::toString);
  }

  /** Below operator set 10 Dropout leaves its mask undefined, which nobody takes. */
  @Test
  void whatNobodyTakesIsNotCompared() throws Exception {
    Path file = folder.resolve("SqueezeNet.onnx");
    Files.copy(TestData.model("SqueezeNet_fp16.onnx"), file);
    Tensor image = TestData.waves(1, 3, 224, 224).to(DType.F16);
    Verification result =
        Onnx.verify(file, Map.of("data_0", image), o -> o.layers(true).tolerance(5e-3));
    assertTrue(result.agrees() && result.firstDifferent().isEmpty(), result::toString);
    assertTrue(result.layers().size() > 60, result::toString);
  }

  @Test
  void weightsBesideTheModel() {
    ExportNets.Plain net = new ExportNets.Plain();
    net.eval();
    Tensor image = TestData.waves(1, 3, 32, 32);
    Path file = folder.resolve("net.onnx");
    Onnx.export(net, List.of(image), file, o -> o.externalDataAbove(1000));
    Verification result = Onnx.verify(file, Map.of("input", image), o -> o.layers(true));
    assertTrue(result.agrees() && result.firstDifferent().isEmpty(), result::toString);
  }

  @Test
  void badInputs() throws Exception {
    Path file = TestData.model("mnist.onnx");
    String message =
        assertThrows(TorchException.class, () -> Onnx.verify(file, Map.of())).getMessage();
    assertTrue(message.contains("inputs"), message);
    Path odd = folder.resolve("odd.onnx");
    Graphs graphs =
        new Graphs().input("x", 2).node("Relu", "r", "x", "y").output("y", ElementType.INT64, 2);
    Files.write(odd, graphs.model().toByteArray());
    message =
        assertThrows(TorchException.class, () -> Onnx.verify(odd, Map.of("x", TestData.waves(2))))
            .getMessage();
    assertTrue(message.contains("ONNX Runtime refuses it"), message);
  }

  /** With the classes of everything but ONNX Runtime. */
  @Test
  void withoutOnnxRuntimeItsCoordinatesAreNamed() throws Exception {
    List<URL> urls = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      if (!entry.contains("onnxruntime")) {
        urls.add(Path.of(entry).toUri().toURL());
      }
    }
    try (URLClassLoader loader =
        new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
      Class<?> probe = loader.loadClass(Probe.class.getName());
      Object message =
          probe.getMethod("message", Path.class).invoke(null, TestData.model("mnist.onnx"));
      assertTrue(message.toString().contains(Verifier.COORDINATES), message::toString);
    }
  }

  /** The coordinates in the message are those the build uses. */
  @Test
  void coordinatesAreTheBuilds() throws Exception {
    Path root = Path.of(System.getProperty("flambeau.root", ".."));
    String pom = Files.readString(root.resolve("pom.xml"));
    String version = Verifier.COORDINATES.substring(Verifier.COORDINATES.lastIndexOf(':') + 1);
    assertTrue(pom.contains("<onnxruntime.version>" + version + "<"), version);
    assertEquals(3, Arrays.asList(Verifier.COORDINATES.split(":")).size());
  }

  /** Run in another class loader. */
  public static final class Probe {
    private Probe() {}

    public static String message(Path file) {
      OnnxModule module = Onnx.load(file);
      Map<String, Tensor> inputs = Map.of(module.inputs().getFirst(), TestData.waves(1, 1, 28, 28));
      try {
        return "no error: " + Onnx.verify(file, inputs);
      } catch (TorchException e) {
        return e.getMessage();
      }
    }
  }
}
