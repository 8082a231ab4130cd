package dev.flambeau.zoo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.onnx.Onnx;
import dev.flambeau.onnx.OnnxInfo;
import dev.flambeau.onnx.OnnxModule;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.nn.Conv2d;
import dev.flambeau.torch.nn.Dropout;
import dev.flambeau.torch.nn.Linear;
import dev.flambeau.torch.nn.Module;
import dev.flambeau.torch.serialize.Npy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code onnx simplify} and {@code onnx quantize}. */
class OnnxChangeCommandTest {
  private static final class Net extends Module {
    final Conv2d conv = new Conv2d(1, 4, 3);
    final Dropout drop = new Dropout(0.2);
    final Linear fc = new Linear(4 * 6 * 6, 3);

    @Override
    public Tensor forward(Tensor input) {
      return fc.call(drop.call(conv.call(input).relu().flatten(1)));
    }
  }

  @TempDir Path folder;
  private String in;
  private String out;

  @BeforeEach
  void export() {
    Torch.manualSeed(4);
    Path file = folder.resolve("net.onnx");
    List<Tensor> example = List.of(Torch.randn(2, 1, 8, 8));
    Onnx.export(new Net().eval(), example, file, o -> o.dynamicAxis(0, "batch"));
    in = file.toString();
    out = folder.resolve("out.onnx").toString();
  }

  private static Cli done(String... args) {
    Cli cli = Cli.run(args);
    assertEquals(0, cli.code(), cli::toString);
    return cli;
  }

  private OnnxInfo info() {
    return Onnx.info(Path.of(out), Optional.empty());
  }

  @Test
  void simplifies() {
    Cli plain = done("onnx", "simplify", in, out);
    assertTrue(plain.out().contains("Dropout                           1 ->      0"), plain.out());
    assertTrue(plain.out().strip().endsWith(out), plain.out());
    assertEquals("batch", info().inputs().getFirst().sizes().getFirst());
    done("onnx", "simplify", in, out, "--size", "batch=3", "--fuse", "--no-verify");
    assertEquals("3", info().inputs().getFirst().sizes().getFirst());
    Cli.run("onnx", "simplify", in, out, "--size", "bach=3").refused("bach", "batch");
    done("onnx", "simplify", in, out, "--try-size", "batch=4");
    assertEquals("batch", info().inputs().getFirst().sizes().getFirst());
    Cli.run("onnx", "simplify", in, out, "--try-size", "bach=4").refused("bach", "batch");
    Cli.run("onnx", "simplify", folder + "/none.onnx", out).refused("none.onnx", "no such file");
    Cli.run("onnx", "simplify", in, folder + "/none/out.onnx").refused("cannot make");
  }

  @Test
  void quantizes() throws IOException {
    Cli half = done("onnx", "quantize", in, out, "--to", "f16");
    assertTrue(half.out().contains("SQNR"), half.out());
    assertEquals("FLOAT", info().inputs().getFirst().type());
    done("onnx", "quantize", in, out, "--to", "F16", "--change-io", "--no-measure");
    assertEquals("FLOAT16", info().inputs().getFirst().type());
    done("onnx", "quantize", out, out, "--to", "f32", "--change-io");
    assertEquals("FLOAT", info().inputs().getFirst().type());
    Cli dynamic = done("onnx", "quantize", in, out, "--dynamic", "--layers");
    assertTrue(dynamic.out().contains("left: convolutions were not asked for"), dynamic.out());
    assertTrue(dynamic.out().contains("layer "), dynamic.out());
    assertEquals(1, info().operators().get("MatMulInteger"));
    Cli int4 = done("onnx", "quantize", in, out, "--int4", "--standard", "--block", "16");
    assertEquals(1, info().operators().get("DequantizeLinear"), int4::out);
    Cli.run("onnx", "quantize", in, out, "--static").refused("--static needs --data");
    Cli.run("onnx", "quantize", in, out, "--static", "--data", folder + "/no").refused("no such");
    Cli.run("onnx", "quantize", in, out, "--int4", "--block", "48").refused("48", "16, 32, 64");
    assertEquals(2, Cli.run("onnx", "quantize", in, out).code());
    assertEquals(2, Cli.run("onnx", "quantize", in, out, "--int4", "--dynamic").code());
  }

  /** Examples as files of a folder, or along an axis of one file. */
  @Test
  void calibrates() throws IOException {
    OnnxModule module = Onnx.load(Path.of(in));
    String name = module.inputs().getFirst();
    Path data = Files.createDirectory(folder.resolve("data"));
    Tensor images = Torch.randn(3, 1, 8, 8);
    for (int i = 0; i < 3; i++) {
      Npy.saveAll(Map.of(name, images.narrow(0, i, 1)), data.resolve(i + ".npz"));
    }
    Path single = folder.resolve("all.npz");
    Npy.saveAll(Map.of(name, images), single);
    Path beside = folder.resolve("beside.npz");
    Npy.saveAll(Map.of(name, images.unsqueeze(1)), beside);
    byte[] first = null;
    for (Path path : List.of(data, single, beside)) {
      Cli cli = done("onnx", "quantize", in, out, "--static", "--data", path + "");
      assertTrue(cli.out().contains("Conv"), cli.out());
      byte[] bytes = Files.readAllBytes(Path.of(out));
      assertTrue(first == null || Arrays.equals(first, bytes), "differs for " + path);
      first = bytes;
    }
    assertFalse(info().operators().containsKey("Relu"), info()::toString);
    Tensor expected = module.forward(images);
    double gap = expected.sub(Onnx.load(Path.of(out)).forward(images)).abs().amax().item();
    assertTrue(gap < 0.05 * expected.abs().amax().item(), "differs by " + gap);
    done(
        "onnx", "quantize", in, out, "--static", "--data", single + "", "--calibration", "entropy");
    Npy.saveAll(Map.of("other", images), single);
    Cli.run("onnx", "quantize", in, out, "--static", "--data", single + "")
        .refused("[other]", "[" + name + "]");
    Npy.saveAll(Map.of(name, images.select(1, 0).select(1, 0)), single);
    Cli.run("onnx", "quantize", in, out, "--static", "--data", single + "")
        .refused("examples of 4 axes");
  }
}
