package dev.flambeau.readme;

import dev.flambeau.onnx.Onnx;
import dev.flambeau.onnx.OnnxModule;
import dev.flambeau.onnx.QuantizeReport;
import dev.flambeau.onnx.Verification;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.nn.Conv2d;
import dev.flambeau.torch.nn.Module;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The code of docs/onnx.md. */
final class OnnxExample {
  private OnnxExample() {}

  // network begins
  /** Makes a picture twice as bright until it is bright enough; sharpens it if it is large. */
  static final class Brighten extends Module {
    final Conv2d sharpen = new Conv2d(3, 3, 3, o -> o.padding(1));

    @Override
    public Tensor forward(Tensor picture) {
      Tensor bright =
          Torch.whileLoop(
                  now -> now.get(0).square().mean().lt(0.2),
                  now -> List.of(now.get(0).mul(2)),
                  List.of(picture))
              .get(0);
      return Torch.ifThen(bright.amax().gt(1), () -> sharpen.call(bright), () -> bright.mul(1));
    }
  }

  // network ends

  static Verification export(Tensor picture, Tensor another, Path file) {
    // export begins
    Brighten network = new Brighten();
    Onnx.export(
        network,
        List.of(picture),
        file,
        o ->
            o.inputNames("picture")
                .outputNames("bright")
                .dynamicAxis(0, "batch")
                .dynamicAxis(2, "height")
                .dynamicAxis(3, "width")
                .metadata("author", "we"));
    OnnxModule again = Onnx.load(file);
    again.namedParameters().keySet(); // sharpen.weight, sharpen.bias
    Verification verification = Onnx.verify(file, Map.of("picture", another));
    // export ends
    return verification;
  }

  static List<QuantizeReport> smaller(Path file, Path out) {
    // smaller begins
    Onnx.simplify(file, out, o -> o.fuseBatchNorm(true));
    QuantizeReport half = Onnx.convertPrecision(file, out, DType.F16, o -> {});
    QuantizeReport bytes = Onnx.quantize(file, out, o -> o.dynamic().convolutions(true));
    // smaller ends
    return List.of(half, bytes);
  }
}
