package dev.flambeau.torch.optim;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import java.util.List;
import java.util.function.Consumer;

/**
 * Momentum whose matrix is replaced by the nearest one with orthonormal rows or columns, by
 * Newton-Schulz iterations in BF16 (Jordan et al. 2024, "Muon: An optimizer for hidden layers in
 * neural networks"). For matrices of hidden layers; embeddings, heads, biases and norms belong to
 * another optimizer. PyTorch: {@code torch.optim.Muon}.
 */
public final class Muon extends Optimizer<Muon.Options> {
  private static final String MOMENTUM = "momentum_buffer";

  /**
   * Learning rate 0.001, decoupled weight decay 0.1, momentum 0.95 by Nesterov, coefficients
   * (3.4445, -4.775, 2.0315), eps 1e-7, 5 iterations, rates adjusted as in the original.
   */
  public static final class Options extends GroupOptions<Options> {
    private static final String ORIGINAL = "original";
    private static final String MATCH = "match_rms_adamw";

    Options() {
      super(1e-3);
      define("weight_decay", 0.1, Range.NOT_NEGATIVE);
      define("momentum", 0.95, Range.NOT_NEGATIVE);
      define("nesterov", true);
      define("ns_coefficients", List.of(3.4445, -4.775, 2.0315), coefficients());
      define("eps", 1e-7, Range.NOT_NEGATIVE);
      define("ns_steps", 5L, Range.integer("1 to 99", v -> v >= 1 && v < 100));
      define("adjust_lr_fn", null, Range.choice(ORIGINAL, MATCH));
    }

    private static Range coefficients() {
      return Range.reals(3, "three numbers", l -> l.stream().allMatch(v -> v != null));
    }

    /** Decoupled weight decay. */
    public Options weightDecay(double value) {
      return set("weight_decay", value);
    }

    /** The part of the running mean that is kept. */
    public Options momentum(double value) {
      return set("momentum", value);
    }

    /** Whether the step looks ahead along the mean. */
    public Options nesterov(boolean on) {
      return set("nesterov", on);
    }

    /** Coefficients of the iteration's polynomial in x, x^3 and x^5. */
    public Options coefficients(double a, double b, double c) {
      return set("ns_coefficients", List.of(a, b, c));
    }

    /** The least norm that a matrix is divided by. */
    public Options eps(double value) {
      return set("eps", value);
    }

    /** Newton-Schulz iterations. */
    public Options iterations(long count) {
      return set("ns_steps", count);
    }

    /** Rates so that updates are of the size of AdamW's, whose rates can then be used. */
    public Options matchRmsAdamW(boolean on) {
      return set("adjust_lr_fn", on ? MATCH : ORIGINAL);
    }
  }

  public Muon(List<Tensor> parameters, Consumer<Options> options) {
    super(Options::new, options, parameters);
  }

  @Override
  boolean countsSteps() {
    return false;
  }

  @Override
  void checkParameter(Tensor parameter) {
    if (parameter.dim() != 2) {
      throw TorchException.shape("Muon", "parameters", parameter.shape(), "matrices");
    }
  }

  @Override
  void update(Group<Options> group) {
    for (Tensor p : group.parameters()) {
      p.grad().ifPresent(g -> update(group.options(), p.detach(), g, state(p)));
    }
  }

  private void update(Options o, Tensor p, Tensor g, ParameterState state) {
    double fresh = 1 - o.number("momentum");
    Tensor mean = state.tensors.computeIfAbsent(MOMENTUM, _ -> owned(p, g.zerosLike()));
    mean.lerp_(g, fresh);
    Tensor direction = o.flag("nesterov") ? g.lerp(mean, o.number("momentum")) : mean;
    Tensor step = orthogonal(direction, o).to(p.dtype());
    double rows = p.size(0);
    double columns = p.size(1);
    double ratio =
        Options.MATCH.equals(o.get("adjust_lr_fn"))
            ? 0.2 * Math.sqrt(Math.max(rows, columns))
            : Math.sqrt(Math.max(1, rows / columns));
    p.mul_(1 - o.lr() * o.number("weight_decay"));
    p.add_(step.mul(-o.lr() * ratio));
  }

  /** Singular values near 1 in the place of those the matrix has. */
  private static Tensor orthogonal(Tensor matrix, Options o) {
    boolean tall = matrix.size(0) > matrix.size(1);
    Tensor x = matrix.to(DType.BF16);
    x = tall ? x.t() : x;
    x = x.div(x.norm().clampMin(o.number("eps")));
    String name = "ns_coefficients";
    for (long i = 0; i < (long) o.number("ns_steps"); i++) {
      Tensor gram = x.matmul(x.t());
      Tensor change = gram.addmm(gram, gram, o.number(name, 1), o.number(name, 2));
      x = x.addmm(change, x, o.number(name, 0), 1);
    }
    return tall ? x.t() : x;
  }
}
