package dev.flambeau.zoo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.onnx.Onnx;
import dev.flambeau.onnx.OnnxModule;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.nn.Module;
import dev.flambeau.torch.optim.SGD;
import dev.flambeau.vision.models.MobileNetV3;
import dev.flambeau.vision.models.ResNet;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every network there is, at its real size: exported, checked, run in ONNX Runtime with another
 * batch size, imported, compared, and trained one step beside the original, dropout included.
 */
class RoundTripTest {
  @TempDir Path folder;

  private static Arguments net(String name, Supplier<Module> make, long... example) {
    return Arguments.of(name, make, example);
  }

  static Stream<Arguments> networks() {
    return Stream.of(
        net("ResNet-18", () -> ResNet.resnet18(10), 1, 3, 224, 224),
        net("ResNet-34", () -> ResNet.resnet34(10), 1, 3, 128, 128),
        net("MobileNetV2", RoundTripNets.MobileNetV2::new, 1, 3, 224, 224),
        net("MobileNetV3-Small", () -> MobileNetV3.small(10), 1, 3, 224, 224),
        net("VGG-11", RoundTripNets.Vgg::new, 1, 3, 224, 224),
        net("SqueezeNet", RoundTripNets.SqueezeNet::new, 1, 3, 224, 224),
        net("ViT-Ti/16", RoundTripNets.VisionTransformer::new, 1, 3, 224, 224),
        net("text encoder", RoundTripNets.Encoder::new, 1, 32),
        net("GPT", RoundTripNets.Decoder::new, 1, 32),
        net("LSTM", RoundTripNets.Words::new, 1, 32),
        net("U-Net", RoundTripNets.UNet::new, 1, 3, 96, 96));
  }

  private static Tensor input(long batch, long[] example) {
    long[] sizes = example.clone();
    sizes[0] = batch;
    return sizes.length == 2 ? Torch.randint(0, 500, sizes) : Torch.randn(sizes);
  }

  private static double difference(Tensor expected, Tensor actual) {
    assertEquals(expected.shape(), actual.shape());
    double scale = expected.abs().max().item();
    return expected.sub(actual).abs().max().item() / Math.max(scale, 1e-6);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("networks")
  void everyNetwork(String name, Supplier<Module> make, long[] example) throws Exception {
    Torch.manualSeed(11);
    Module net = make.get();
    warm(net, example);
    net.eval();
    Path file = folder.resolve("net.onnx");
    Onnx.export(net, List.of(input(1, example)), file, o -> o.dynamicAxis(0, "batch"));
    assertEquals(List.of(), Onnx.check(file));

    Tensor three = input(3, example);
    Tensor expected = Torch.noGrad(() -> net.forward(three));
    try (OrtPeer peer = new OrtPeer(file)) {
      double gap = difference(expected, peer.run(Map.of("input", three)).get("output"));
      System.out.printf("%s: ONNX Runtime differs by %.1e%n", name, gap);
      assertTrue(gap <= 1e-4, "ONNX Runtime differs by " + gap);
    }

    OnnxModule back = Onnx.load(file);
    assertEquals(net.namedParameters().keySet(), back.namedParameters().keySet());
    Map<String, Tensor> state = new HashMap<>();
    net.stateDict().forEach((key, t) -> state.put(key, t.copy()));
    Set<String> buffers = back.namedBuffers().keySet();
    assertEquals(
        state.keySet().stream().filter(k -> k.contains("running_")).toList().size(),
        buffers.size());
    back.stateDict().forEach((key, t) -> assertEquals(0, difference(state.get(key), t), key));
    double gap = difference(expected, Torch.noGrad(() -> back.forward(three)));
    assertTrue(gap <= 1e-5, "imported, it differs by " + gap);

    Map<String, Tensor> ours = step(net, three);
    Map<String, Tensor> theirs = step(back, three);
    double most = 0;
    for (var e : theirs.entrySet()) {
      Tensor before = state.get(e.getKey());
      Tensor wanted = ours.get(e.getKey());
      double scale = Math.max(1, wanted.abs().max().item());
      double one = wanted.sub(e.getValue()).abs().max().item() / scale;
      assertTrue(one <= 1e-5, e.getKey() + " differs by " + one + " after a step");
      // What the step changed is the same, too, be it ever so small.
      double change = difference(wanted.sub(before), e.getValue().sub(before));
      assertTrue(change <= 1e-2, e.getKey() + ": the step differs by " + change);
      most = Math.max(most, one);
    }
    System.out.printf("%s: after a training step the state differs by %.1e%n", name, most);
  }

  /** Statistics that are not those of a fresh network. */
  private static void warm(Module net, long[] example) {
    net.train();
    Torch.noGrad(() -> net.forward(input(4, example)));
  }

  /** The state after a step. */
  private static Map<String, Tensor> step(Module net, Tensor input) {
    net.train();
    SGD optimizer = new SGD(net.parameters(), o -> o.lr(1e-3).momentum(0.9));
    Torch.manualSeed(5);
    net.forward(input).square().mean().backward();
    optimizer.step();
    return net.stateDict();
  }
}
