package dev.flambeau.zoo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.zoo.Pictures.Picture;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Says what is in pictures. */
@Command(
    name = "classify",
    description = "Says what is in pictures, with a probability for each class.",
    footer = {
      "",
      "An ONNX file needs --preprocess once: with --save-card it is written beside the model, as",
      "NAME.preprocess.json for NAME.onnx, and used from then on. Outputs that are not",
      "probabilities already get a softmax.",
      "",
      "  flambeau classify sample:meal_1 sample:report_1",
      "  flambeau classify dog.jpg --model net.onnx --labels labels.json --preprocess caffe"
    })
final class ClassifyCommand implements Callable<Integer> {
  /** One picture's result, in the form of {@code --json}. */
  record Result(String file, List<Prediction> predictions) {}

  @Spec private CommandSpec spec;
  @Mixin private CacheOptions cache;

  @Parameters(
      arity = "1..*",
      paramLabel = "PICTURE",
      description = "A file, a folder, a URL, or sample:NAME.")
  private List<String> pictures;

  @Option(
      names = "--model",
      paramLabel = "NAME|FILE.onnx",
      description = "Default: ${DEFAULT-VALUE}.",
      defaultValue = "mobilenet_v3_small.triage")
  private String model;

  @Option(
      names = "--labels",
      paramLabel = "FILE",
      description = "Names of the classes: a name a line, or JSON.")
  private Path labels;

  @Option(
      names = "--preprocess",
      paramLabel = "CARD",
      description = "imagenet, caffe, or a card's JSON file. Default: the model's own.")
  private String preprocess;

  @Option(
      names = "--save-card",
      description = "Write the preprocessing beside the ONNX model, for later use.")
  private boolean saveCard;

  @Option(
      names = "--top",
      paramLabel = "K",
      description = "How many classes to show. Default: ${DEFAULT-VALUE}.",
      defaultValue = "5")
  private int top;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Option(
      names = "--annotate",
      paramLabel = "DIR",
      description = "Write each picture with its best class into this folder.")
  private Path annotate;

  @Override
  public Integer call() throws IOException {
    if (top < 1) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "--top is " + top + "; it must be 1 or more");
    }
    try (Pictures finder = new Pictures(cache.fetcher(), Progress.console(), cache.offline())) {
      List<Picture> found = new ArrayList<>();
      for (String argument : pictures) {
        found.addAll(finder.find(argument));
      }
      Classifier classifier =
          Classifiers.load(
              model, Optional.ofNullable(preprocess), Optional.ofNullable(labels), cache.fetcher());
      if (saveCard) {
        if (!OnnxFiles.named(model)) {
          throw new UserError("--save-card is for ONNX files; " + model + " knows its card");
        }
        OnnxFiles.save(Path.of(model), classifier.card());
      }
      return run(found, classifier);
    }
  }

  /** A picture that cannot be read does not keep the others from being shown. */
  private int run(List<Picture> found, Classifier classifier) {
    PrintWriter out = spec.commandLine().getOut();
    Annotator annotator = annotate == null ? null : new Annotator(annotate);
    Bars bars = Bars.console();
    List<Result> results = new ArrayList<>();
    RuntimeException failure = null;
    for (Picture picture : found) {
      try {
        Tensor image = PictureFile.read(picture.file(), picture.name());
        List<Prediction> predictions = classifier.classify(image, top);
        if (annotator != null) {
          annotator.write(picture.name(), PictureFile.drawable(image), predictions.getFirst());
        }
        results.add(new Result(picture.name(), predictions));
        if (!json) {
          out.print(bars.text(picture.name(), predictions));
          out.flush();
        }
      } catch (UserError | TorchException e) {
        if (failure != null) {
          spec.commandLine().getErr().println("flambeau: " + failure.getMessage());
        }
        failure = e;
      }
    }
    if (json && !results.isEmpty()) {
      out.println(toJson(results));
    }
    out.flush();
    if (failure != null) {
      throw failure;
    }
    return CommandLine.ExitCode.OK;
  }

  private static String toJson(List<Result> results) {
    try {
      return new ObjectMapper().writeValueAsString(results);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("names and numbers are always JSON", e);
    }
  }
}
