package dev.flambeau.zoo;

import dev.flambeau.onnx.OnnxModule;
import dev.flambeau.torch.nn.Module;
import dev.flambeau.vision.transforms.PreprocessCard;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Makes classifiers of registry names and ONNX files. */
final class Classifiers {
  private static final String TASK = "image classification";

  private Classifiers() {}

  /**
   * @param model a name of the registry or an ONNX file
   * @param preprocess {@code imagenet}, {@code caffe} or a card's file; none: the model's own
   * @param labels file of class names; none: the model's own
   */
  static Classifier load(
      String model, Optional<String> preprocess, Optional<Path> labels, Fetcher fetcher) {
    Optional<List<String>> names = labels.map(Labels::read);
    Optional<PreprocessCard> given = preprocess.map(Classifiers::card);
    if (OnnxFiles.named(model)) {
      Path file = Path.of(model);
      OnnxModule network = OnnxFiles.load(file);
      if (network.inputs().size() != 1) {
        throw new UserError(
            model + " has the inputs " + network.inputs() + "; a classifier has one, the picture");
      }
      PreprocessCard card =
          given.or(() -> OnnxFiles.card(file)).orElseThrow(() -> withoutCard(model));
      return new Classifier(card, network::forward, names.orElse(List.of()));
    }
    Entry entry = Registry.find(model, TASK);
    PreprocessCard card = given.orElse(PreprocessCard.IMAGENET);
    Module network = Zoo.load(entry, fetcher);
    return new Classifier(card, network::forward, names.orElse(entry.labels()));
  }

  private static UserError withoutCard(String model) {
    return new UserError(
        model
            + " does not say how it wants its pictures; add --preprocess imagenet, caffe or a"
            + " card's file (--save-card keeps it for the next time)");
  }

  private static PreprocessCard card(String text) {
    return switch (text) {
      case "imagenet" -> PreprocessCard.IMAGENET;
      case "caffe" -> PreprocessCard.CAFFE;
      default -> {
        Path file = Path.of(text);
        if (!Files.isRegularFile(file)) {
          throw new UserError(
              "--preprocess is '" + text + "'; give imagenet, caffe, or the JSON file of a card");
        }
        try {
          yield PreprocessCard.load(file);
        } catch (IOException e) {
          throw new UserError("cannot read " + file + ": " + Fetcher.reason(e), e);
        }
      }
    };
  }
}
