package dev.flambeau.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.onnx.proto.ModelProto;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.nn.Buffer;
import dev.flambeau.torch.nn.Module;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Networks of each kind in every operator set and type, and what is refused. */
class ExportSetsTest {
  /** The newest set that ONNX Runtime 1.29 loads. */
  private static final int PEER = 26;

  @TempDir Path folder;

  private static Map<Module, Tensor> networks() {
    Torch.manualSeed(5);
    Tensor image = TestData.waves(1, 3, 32, 32);
    Tensor tokens = Torch.arange(6).reshape(1, 6);
    Map<Module, Tensor> all = new LinkedHashMap<>();
    all.put(new ExportNets.Residual(), image);
    all.put(new ExportNets.Inverted(), image);
    all.put(new ExportNets.Plain(), image);
    all.put(new ExportNets.Fire(), image);
    all.put(new ExportNets.Patches(), image);
    all.put(new ExportNets.UNet(), image);
    all.put(new ExportNets.Encoder(), tokens);
    all.put(new ExportNets.Decoder(), tokens);
    all.put(new ExportNets.Recurrent(), tokens);
    all.keySet().forEach(Module::eval);
    return all;
  }

  static IntStream sets() {
    return IntStream.rangeClosed(ExportOptions.OLDEST, ExportOptions.NEWEST);
  }

  private static Tensor output(Path file, Tensor input) {
    return Reference.run(file, "net", false, Map.of("input", input))
        .values()
        .iterator()
        .next()
        .orElseThrow();
  }

  private static void assertClose(Tensor wanted, Tensor got, double tolerance, String where) {
    assertEquals(wanted.shape(), got.shape(), where);
    double scale = wanted.to(DType.F64).abs().amax().item();
    double gap = wanted.to(DType.F64).sub(got.to(DType.F64)).abs().amax().item();
    assertTrue(gap <= tolerance * scale, where + " differs by " + gap + " of " + scale);
  }

  @ParameterizedTest
  @MethodSource("sets")
  void everySet(int opset) {
    networks()
        .forEach(
            (net, example) -> {
              String where = net.getClass().getSimpleName() + " in set " + opset;
              Path file = folder.resolve("net.onnx");
              Onnx.export(net, List.of(example), file, o -> o.opset(opset).dynamicAxis(0, "batch"));
              assertEquals(List.of(), Onnx.check(file), where);
              ModelProto model = Onnx.parse(file);
              assertEquals(opset, model.getOpsetImport(0).getVersion(), where);
              Tensor three = Torch.cat(List.of(example, example, example.flip(-1)), 0);
              Tensor wanted = Torch.noGrad(() -> net.forward(three));
              if (opset <= PEER) {
                assertClose(wanted, output(file, three), 1e-4, where);
              }
              OnnxModule back = Onnx.load(file);
              assertClose(wanted, Torch.noGrad(() -> back.forward(three)), 1e-5, where);
            });
  }

  /** By the table in ONNX's Versioning.md. */
  @Test
  void theFileFormatIsTheOldestThatHasTheSet() {
    long[] versions = {7, 7, 8, 8, 8, 8, 9, 9, 10, 10, 11, 12, 13, 13, 13};
    Path file = folder.resolve("net.onnx");
    sets()
        .forEach(
            opset -> {
              Onnx.export(
                  new ExportNets.Fire(),
                  List.of(TestData.waves(1, 3, 8, 8)),
                  file,
                  o -> o.opset(opset));
              assertEquals(versions[opset - 13], Onnx.parse(file).getIrVersion());
            });
  }

  /** As near as results rounded to the type can be, after some layers. */
  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F16", "BF16", "F64"})
  void otherTypes(DType type) {
    Map<Module, Tensor> nets = networks();
    // Its mask is of F32 whatever its weights are.
    nets.keySet().removeIf(net -> net instanceof ExportNets.Decoder);
    nets.forEach(
        (net, example) -> {
          String where = net.getClass().getSimpleName() + " in " + type;
          net.to(type);
          Tensor input = example.dtype().isFloat() ? example.to(type) : example;
          Path file = folder.resolve("net.onnx");
          Onnx.export(net, List.of(input), file, _ -> {});
          assertEquals(List.of(), Onnx.check(file), where);
          Tensor wanted = Torch.noGrad(() -> net.forward(input));
          if (type == DType.F64) {
            // ONNX Runtime convolves in F32 only.
            Tensor back = Torch.noGrad(() -> Onnx.load(file).forward(input));
            assertClose(wanted, back, 1e-9, where);
          } else {
            Tensor got = output(file, input);
            assertEquals(type, got.dtype(), where);
            assertClose(wanted, got, type == DType.F16 ? 1e-2 : 6e-2, where);
          }
        });
  }

  private TorchException refused(Module net, Tensor example, String axis) {
    Path file = folder.resolve("refused.onnx");
    TorchException e =
        assertThrows(
            TorchException.class,
            () ->
                Onnx.export(
                    net,
                    List.of(example),
                    file,
                    o -> {
                      if (!axis.isEmpty()) {
                        o.dynamicAxis(Integer.parseInt(axis), "n");
                      }
                    }));
    assertFalse(Files.exists(file));
    return e;
  }

  @Test
  void sizesThatTheNetworkRefusesCannotBeOpen() {
    ExportNets.Patches net = new ExportNets.Patches();
    String message = refused(net, TestData.waves(1, 3, 32, 32), "2").getMessage();
    assertTrue(message.contains("dynamicAxis"), message);
    assertTrue(message.contains("'n'"), message);
  }

  @Test
  void numbersThatFollowAnOpenSizeInAnotherWayAreListed() {
    Module net =
        new Module() {
          @Override
          public Tensor forward(Tensor x) {
            return x.mul(Math.sqrt(x.size(0)));
          }
        };
    String message = refused(net, TestData.waves(3, 2), "0").getMessage();
    assertTrue(message.contains("follows an open size"), message);
    assertTrue(message.contains("ExportSetsTest"), message);
  }

  @Test
  void parametersMustNotChange() {
    Module net =
        new Module() {
          @Buffer final Tensor count = Torch.zeros(2);

          @Override
          public Tensor forward(Tensor x) {
            return x.add(count.add_(1));
          }
        };
    String message = refused(net, TestData.waves(3, 2), "").getMessage();
    assertTrue(message.contains("overwrites a parameter or a buffer"), message);
  }
}
