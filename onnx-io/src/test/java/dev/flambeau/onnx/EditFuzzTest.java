package dev.flambeau.onnx;

import dev.flambeau.onnx.proto.ModelProto;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Generator;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Damaged models are changed into others or refused with a clear error. */
class EditFuzzTest {
  private static final int ALL = Integer.getInteger("flambeau.fuzz", 2000) / 10;
  private static final Map<String, String> LIMITS =
      Map.of("flambeau.onnx.maxElements", "300000", "flambeau.onnx.maxExecutions", "3000");

  @TempDir Path folder;

  @BeforeEach
  void limits() {
    LIMITS.forEach(System::setProperty);
  }

  @AfterEach
  void noLimits() {
    LIMITS.keySet().forEach(System::clearProperty);
  }

  static Stream<Arguments> models() {
    return FuzzTest.models();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("models")
  void damaged(String name, ModelProto model) throws IOException {
    Files.write(folder.resolve("weights.bin"), new byte[4 * 4 * 3]);
    int files = Math.ceilDiv(ALL, (int) models().count());
    Fuzz.fuzz(folder.resolve(name + ".onnx"), model, files, this::use);
  }

  /** Each on its own: what one of them refuses another may take. */
  private void use(Path file) {
    Path out = folder.resolve("out.onnx");
    List<Runnable> changes =
        List.of(
            () -> Onnx.simplify(file, out, o -> o.fuseBatchNorm(true).fuseGemm(true)),
            () -> Onnx.convertPrecision(file, out, DType.F16, o -> o.keepIo(true)),
            () -> Onnx.quantize(file, out, o -> o.dynamic().convolutions(true).embeddings(true)),
            () -> Onnx.quantize(file, out, o -> o.int4().standard(true).blockSize(16)),
            () -> Onnx.quantize(file, out, o -> o.calibrated(samples(file))));
    TorchException last = null;
    for (Runnable change : changes) {
      try {
        change.run();
      } catch (TorchException e) {
        last = e.getMessage().contains("trains the model") ? last : e;
      }
    }
    if (last != null) {
      throw last;
    }
  }

  private static List<Map<String, Tensor>> samples(Path file) {
    OnnxModule module = Onnx.load(file);
    List<Tensor> inputs = module.randomInputs(Map.of(), new Generator(1));
    Map<String, Tensor> named = new LinkedHashMap<>();
    for (int i = 0; i < inputs.size(); i++) {
      named.put(module.inputs().get(i), inputs.get(i));
    }
    return List.of(named);
  }
}
