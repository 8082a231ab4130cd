package dev.flambeau.zoo;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.vision.transforms.PreprocessCard;
import java.util.Comparator;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/** An image classifier with all it needs: preprocessing, network, names of the classes. */
public final class Classifier {
  /** How far from 1 the sum of a softmax may be: half precision rounds a thousand terms. */
  private static final double SUM_TOLERANCE = 1e-2;

  private final PreprocessCard card;
  private final UnaryOperator<Tensor> network;
  private final List<String> labels;

  /**
   * @param network from 1 x 3 x H x W to one logit or probability a class, in any shape
   * @param labels name i is that of class i; empty: classes are called by number
   */
  Classifier(PreprocessCard card, UnaryOperator<Tensor> network, List<String> labels) {
    this.card = card;
    this.network = network;
    this.labels = List.copyOf(labels);
  }

  /** The preprocessing it uses. */
  public PreprocessCard card() {
    return card;
  }

  /**
   * The most probable classes, best first.
   *
   * @param image U8, 3 x H x W, RGB
   * @param top how many at most
   */
  public List<Prediction> classify(Tensor image, int top) {
    Tensor output = Torch.noGrad(() -> network.apply(card.apply(image)));
    double[] p = probabilities(output);
    if (!labels.isEmpty() && labels.size() != p.length) {
      throw new UserError(
          "the labels have " + labels.size() + " names, the model has " + p.length + " classes");
    }
    return IntStream.range(0, p.length)
        .boxed()
        .sorted(Comparator.comparingDouble((Integer i) -> -p[i]))
        .limit(top)
        .map(i -> new Prediction(labels.isEmpty() ? "class " + i : labels.get(i), p[i]))
        .toList();
  }

  /**
   * Softmax of logits; values that are probabilities already stay. They are told apart by value, as
   * networks end in a softmax or not: none negative and a sum of 1 within {@value #SUM_TOLERANCE}.
   */
  static double[] probabilities(Tensor output) {
    double[] values = output.to(DType.F64).toDoubleArray();
    double sum = 0;
    boolean negative = false;
    for (double v : values) {
      if (Double.isNaN(v)) {
        throw TorchException.argument(
            "classify", "the model's output", "NaN", "numbers; does the preprocessing fit it?");
      }
      sum += v;
      negative |= v < 0;
    }
    if (!negative && Math.abs(sum - 1) <= SUM_TOLERANCE) {
      return values;
    }
    return Torch.tensor(values).softmax(0).toDoubleArray();
  }
}
