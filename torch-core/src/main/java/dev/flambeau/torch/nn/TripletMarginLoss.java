package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.nn.functional.F;
import dev.flambeau.torch.nn.functional.LossReduction;
import java.util.function.Consumer;

/**
 * max(0, margin + |anchor - positive| - |anchor - negative|) (Balntas et al. 2016). PyTorch: {@code
 * torch.nn.TripletMarginLoss}.
 */
public class TripletMarginLoss extends Module {
  private final Options options = new Options();

  /** Margin 1, 2-norms of differences to which 1e-6 is added, no swap, the mean. */
  public static final class Options {
    private double margin = 1;
    private double p = 2;
    private double eps = 1e-6;
    private boolean swap;
    private LossReduction reduction = LossReduction.MEAN;

    Options() {}

    /** How much farther the negative should be. */
    public Options margin(double value) {
      margin = value;
      return this;
    }

    /** Of the p-norm. */
    public Options p(double value) {
      p = value;
      return this;
    }

    /** Added to each difference. */
    public Options eps(double value) {
      eps = value;
      return this;
    }

    /** Whether the smaller of the negative's distances to the other two counts. */
    public Options swap(boolean on) {
      swap = on;
      return this;
    }

    public Options reduction(LossReduction value) {
      reduction = value;
      return this;
    }
  }

  public TripletMarginLoss() {}

  public TripletMarginLoss(Consumer<Options> set) {
    set.accept(options);
  }

  public Tensor forward(Tensor anchor, Tensor positive, Tensor negative) {
    return F.tripletMarginLoss(
        anchor,
        positive,
        negative,
        options.margin,
        options.p,
        options.eps,
        options.swap,
        options.reduction);
  }
}
