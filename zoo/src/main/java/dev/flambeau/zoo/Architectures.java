package dev.flambeau.zoo;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.nn.Module;
import dev.flambeau.vision.models.MobileNetV3;
import dev.flambeau.vision.models.ResNet;
import dev.flambeau.vision.transforms.PreprocessCard;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongFunction;

/** Networks by the names torchvision has for them, to put states into. */
final class Architectures {
  /**
   * @param last the weight whose first axis is the number of classes
   * @param make the network for a number of classes
   */
  private record Architecture(String last, LongFunction<Module> make, long... example) {}

  private static final Map<String, Architecture> ALL =
      new TreeMap<>(
          Map.of(
              "resnet18", new Architecture("fc.weight", ResNet::resnet18, 1, 3, 224, 224),
              "resnet34", new Architecture("fc.weight", ResNet::resnet34, 1, 3, 224, 224),
              "mobilenet_v3_small",
                  new Architecture("classifier.3.weight", MobileNetV3::small, 1, 3, 224, 224)));

  private Architectures() {}

  private static Architecture find(String name) {
    Architecture found = ALL.get(name);
    if (found == null) {
      throw new UserError("unknown architecture '" + name + "'; there are " + names());
    }
    return found;
  }

  static String names() {
    return String.join(", ", ALL.keySet());
  }

  /** Sizes of an input. */
  static long[] example(String name) {
    return find(name).example.clone();
  }

  /** How torchvision prepares pictures for it. */
  static PreprocessCard card(String name) {
    find(name);
    return PreprocessCard.IMAGENET;
  }

  /** The network with weights as they start. */
  static Module make(String name, long classes) {
    return find(name).make.apply(classes);
  }

  /** The network with this state, in inference behaviour. */
  static Module load(String name, Map<String, Tensor> state) {
    Architecture architecture = find(name);
    Tensor last = state.get(architecture.last);
    if (last == null || last.dim() == 0) {
      throw new UserError("the state has no " + architecture.last + ", so it is none of " + name);
    }
    Module network = make(name, last.size(0));
    network.loadStateDict(state);
    return network.eval();
  }
}
