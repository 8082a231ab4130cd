package dev.flambeau.torch.nn;

import dev.flambeau.torch.Mode;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * Log-probabilities of many classes, frequent ones first (Grave et al. 2017): those before the
 * first cutoff have an output each, the others share an output a cluster, behind which they are
 * told apart by a smaller layer. PyTorch: {@code torch.nn.AdaptiveLogSoftmaxWithLoss}.
 */
public class AdaptiveLogSoftmaxWithLoss extends Module {
  public final Linear head;
  public final ModuleList<Sequential> tail;
  private final long[] cutoffs;

  /** Optional attributes. */
  public static final class Options {
    private double divValue = 4;
    private boolean headBias;

    Options() {}

    /** How much smaller the layer of each cluster is than that before it. Default 4. */
    public Options divValue(double value) {
      divValue = value;
      return this;
    }

    /** Whether the first layer has a bias. Default false. */
    public Options headBias(boolean on) {
      headBias = on;
      return this;
    }
  }

  /** Log-probabilities of the targets, and their mean's negative. */
  public record Result(Tensor output, Tensor loss) {}

  public AdaptiveLogSoftmaxWithLoss(long inFeatures, long classes, long... cutoffs) {
    this(inFeatures, classes, cutoffs, _ -> {});
  }

  /**
   * The same.
   *
   * @param cutoffs the first class of each cluster, rising, below {@code classes}
   */
  public AdaptiveLogSoftmaxWithLoss(
      long inFeatures, long classes, long[] cutoffs, Consumer<Options> options) {
    Options o = new Options();
    options.accept(o);
    this.cutoffs = Arrays.copyOf(cutoffs, cutoffs.length + 1);
    this.cutoffs[cutoffs.length] = classes;
    for (int i = 0; i < this.cutoffs.length; i++) {
      if (cutoffs.length == 0 || this.cutoffs[i] <= (i == 0 ? 0 : this.cutoffs[i - 1])) {
        throw TorchException.argument(
            "AdaptiveLogSoftmaxWithLoss",
            "cutoffs",
            Arrays.toString(cutoffs),
            "rising numbers from 1 to " + (classes - 1));
      }
    }
    head = new Linear(inFeatures, cutoffs[0] + cutoffs.length, o.headBias);
    List<Sequential> clusters = new ArrayList<>();
    for (int i = 0; i < cutoffs.length; i++) {
      long inner = (long) Math.floor(inFeatures / Math.pow(o.divValue, i + 1));
      clusters.add(
          new Sequential(
              new Linear(inFeatures, inner, false),
              new Linear(inner, this.cutoffs[i + 1] - cutoffs[i], false)));
    }
    tail = new ModuleList<>(clusters);
  }

  private Tensor rows(Tensor input) {
    if (input.dim() < 1 || input.dim() > 2 || input.size(-1) != head.weight.size(1)) {
      throw TorchException.shape(
          "AdaptiveLogSoftmaxWithLoss",
          "input",
          input.shape(),
          "(batch, " + head.weight.size(1) + ") or (" + head.weight.size(1) + ")");
    }
    return input.dim() == 1 ? input.unsqueeze(0) : input;
  }

  /** For inputs (batch, features) and classes (batch), or one of each without a batch. */
  public Result forward(Tensor input, Tensor target) {
    Tensor x = rows(input);
    if (target.dim() != input.dim() - 1 || target.numel() != x.size(0)) {
      throw TorchException.shape(
          "AdaptiveLogSoftmaxWithLoss", "target", target.shape(), "a class for each input");
    }
    if (!Mode.checking()) {
      // All clusters, since the classes must not decide what is computed.
      Tensor output = logProb(x).gather(1, target.reshape(-1, 1)).squeeze(1);
      return new Result(input.dim() == 1 ? output.squeeze(0) : output, output.neg().mean());
    }
    long[] classes = target.toLongArray();
    long[] columns = new long[classes.length];
    List<List<Integer>> members = new ArrayList<>();
    tail.forEach(_ -> members.add(new ArrayList<>()));
    for (int i = 0; i < classes.length; i++) {
      int cluster = cluster(classes[i]);
      columns[i] = cluster < 0 ? classes[i] : cutoffs[0] + cluster;
      if (cluster >= 0) {
        members.get(cluster).add(i);
      }
    }
    Tensor output =
        head.call(x).logSoftmax(1).gather(1, Torch.tensor(columns).unsqueeze(1)).squeeze(1);
    for (int cluster = 0; cluster < members.size(); cluster++) {
      long[] at = members.get(cluster).stream().mapToLong(Integer::longValue).toArray();
      if (at.length > 0) {
        long first = cutoffs[cluster];
        long[] within = Arrays.stream(at).map(i -> classes[(int) i] - first).toArray();
        Tensor places = Torch.tensor(at);
        Tensor logarithms = tail.get(cluster).call(x.indexSelect(0, places)).logSoftmax(1);
        Tensor found = logarithms.gather(1, Torch.tensor(within).unsqueeze(1)).squeeze(1);
        output = output.indexAdd(0, places, found);
      }
    }
    Tensor loss = output.neg().mean();
    return new Result(input.dim() == 1 ? output.squeeze(0) : output, loss);
  }

  /** The cluster of a class, -1 for those before the first. */
  private int cluster(long c) {
    if (c < 0 || c >= cutoffs[cutoffs.length - 1]) {
      throw TorchException.argument(
          "AdaptiveLogSoftmaxWithLoss",
          "target",
          c,
          "classes from 0 to " + (cutoffs[cutoffs.length - 1] - 1));
    }
    int cluster = -1;
    while (c >= cutoffs[cluster + 1]) {
      cluster++;
    }
    return cluster;
  }

  /** Log-probabilities of all classes: (batch, features) to (batch, classes). */
  public Tensor logProb(Tensor input) {
    Tensor x = rows(input);
    return all(x, head.call(x).logSoftmax(1));
  }

  private Tensor all(Tensor x, Tensor first) {
    List<Tensor> parts = new ArrayList<>(List.of(first.narrow(1, 0, cutoffs[0])));
    for (int i = 0; i < tail.size(); i++) {
      Tensor cluster = first.narrow(1, cutoffs[0] + i, 1);
      parts.add(tail.get(i).call(x).logSoftmax(1).add(cluster));
    }
    return Torch.cat(parts, 1);
  }

  /**
   * The likeliest class of each input, I64: the one that the first layer puts first, if that is a
   * class and not a cluster, else the likeliest of all.
   */
  public Tensor predict(Tensor input) {
    Tensor x = rows(input);
    Tensor first = head.call(x).logSoftmax(1);
    Tensor best = first.argmax(1);
    Tensor found = Torch.where(best.lt(cutoffs[0]), best, all(x, first).argmax(1));
    return input.dim() == 1 ? found.squeeze(0) : found;
  }
}
