package dev.flambeau.torch.optim;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import java.util.List;
import java.util.function.Consumer;

/**
 * Steps relative to a parameter's size, with second moments of matrices kept as a row and a column
 * (Shazeer and Stern 2018, "Adafactor: Adaptive Learning Rates with Sublinear Memory Cost"): state
 * of size n + m in the place of n m. PyTorch: {@code torch.optim.Adafactor}.
 */
public final class Adafactor extends Optimizer<Adafactor.Options> {
  private static final String ROW = "row_var";
  private static final String COLUMN = "col_var";
  private static final String VARIANCE = "variance";

  /**
   * Learning rate 0.01, which is the most a relative step may be, beta2_decay -0.8, eps (the type's
   * epsilon, 0.001), d 1, decoupled weight decay 0.
   */
  public static final class Options extends DecayOptions<Options> {
    Options() {
      super(1e-2, 0);
      define("beta2_decay", -0.8, Range.real("0 or less", v -> v <= 0));
      define(
          "eps",
          Range.pair(null, 1e-3),
          Range.reals(
              2,
              "null or 0 or more, and 0 or more",
              l -> (l.get(0) == null || l.get(0) >= 0) && l.get(1) != null && l.get(1) >= 0));
      define("d", 1.0, Range.real("1 or more", v -> v >= 1));
    }

    /** In step t the moments keep 1 - t^value of their old values. */
    public Options beta2Decay(double value) {
      return set("beta2_decay", value);
    }

    /** What is added to squares, null for the type's epsilon, and the least size of a parameter. */
    public Options eps(Double squares, double size) {
      return set("eps", Range.pair(squares, size));
    }

    /** Updates with a larger root mean square are scaled down to it. */
    public Options clippingThreshold(double value) {
      return set("d", value);
    }
  }

  public Adafactor(List<Tensor> parameters, Consumer<Options> options) {
    super(Options::new, options, parameters);
  }

  @Override
  Shape shapeOf(String buffer, Tensor parameter) {
    if (buffer.equals(VARIANCE)) {
      return parameter.shape();
    }
    long[] sizes = parameter.shape().sizes();
    sizes[sizes.length - (buffer.equals(ROW) ? 1 : 2)] = 1;
    return Shape.of(sizes);
  }

  @Override
  void update(Group<Options> group) {
    for (Tensor p : group.parameters()) {
      p.grad().ifPresent(g -> update(group.options(), p.detach(), g, state(p)));
    }
  }

  private void update(Options o, Tensor p, Tensor gradient, ParameterState state) {
    Tensor g = o.flag("maximize") ? gradient.neg() : gradient;
    state.steps++;
    double fresh = Math.pow(state.steps, o.number("beta2_decay"));
    double size = p.norm().item() / Math.sqrt(p.numel());
    double rate = Math.max(o.number("eps", 1), size) * Math.min(o.lr(), 1 / Math.sqrt(state.steps));
    Object eps = ((List<?>) o.get("eps")).getFirst();
    double least = eps == null ? epsilon(p.dtype()) : (Double) eps;
    p.mul_(1 - o.lr() * o.number("weight_decay"));
    Tensor step = variance(p, g, state, fresh, least).clampMin(least * least).rsqrt().mul(g);
    double rms = step.norm().item() / (Math.sqrt(p.numel()) * o.number("d"));
    p.add_(step.mul(-rate / Math.max(1, rms)));
  }

  private Tensor variance(Tensor p, Tensor g, ParameterState state, double fresh, double least) {
    if (p.dim() < 2) {
      return blended(p, state, VARIANCE, g.mul(g), fresh);
    }
    Tensor squares = g.mul(g);
    Tensor row = blended(p, state, ROW, squares.mean(new int[] {-1}, true), fresh);
    Tensor column = blended(p, state, COLUMN, squares.mean(new int[] {-2}, true), fresh);
    return row.matmul(column).div(row.mean(new int[] {-2}, true).clampMin(least));
  }

  /** The remembered tensor, moved towards {@code value} by the part {@code fresh}. */
  private Tensor blended(
      Tensor p, ParameterState state, String buffer, Tensor value, double fresh) {
    Tensor kept =
        state.tensors.computeIfAbsent(buffer, _ -> owned(p, p.newZeros(value.shape().sizes())));
    return kept.lerp_(value, fresh);
  }

  private static double epsilon(DType type) {
    return switch (type) {
      case F64 -> Math.ulp(1.0);
      case F16 -> 0x1p-10;
      case BF16 -> 0x1p-7;
      default -> Math.ulp(1f);
    };
  }
}
