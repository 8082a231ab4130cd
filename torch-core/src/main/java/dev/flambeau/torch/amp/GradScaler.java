package dev.flambeau.torch.amp;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.optim.Optimizer;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Multiplies the loss, so that small gradients do not vanish in F16, and divides the gradients
 * again. A step with a gradient that is not finite is left out and the factor lowered; after some
 * steps without one it is raised. For F16 only: BF16 has the range of F32. PyTorch: {@code
 * torch.amp.GradScaler}.
 *
 * <pre>{@code
 * scaler.scale(loss).backward();
 * scaler.step(optimizer);
 * scaler.update();
 * }</pre>
 */
public final class GradScaler {
  private final Options options;
  private final Map<Optimizer<?>, Step> steps = new IdentityHashMap<>();
  private double scale;
  private long sound;

  /** What has been done with an optimizer since the last update. */
  private static final class Step {
    boolean unscaled;
    boolean overflowed;
    boolean stepped;
  }

  /** Factor 65536, doubled after 2000 sound steps, halved after an overflow. */
  public static final class Options {
    private double initScale = 65536;
    private double growthFactor = 2;
    private double backoffFactor = 0.5;
    private long growthInterval = 2000;
    private boolean enabled = true;

    Options() {}

    /** The factor at first, above 0. */
    public Options initScale(double value) {
      initScale = require("init_scale", value, value > 0, "above 0");
      return this;
    }

    /** What the factor is multiplied by to grow, above 1. */
    public Options growthFactor(double value) {
      growthFactor = require("growth_factor", value, value > 1, "above 1");
      return this;
    }

    /** What the factor is multiplied by after an overflow, between 0 and 1. */
    public Options backoffFactor(double value) {
      backoffFactor = require("backoff_factor", value, value > 0 && value < 1, "between 0 and 1");
      return this;
    }

    /** Steps without overflow after which the factor grows, 1 or more. */
    public Options growthInterval(long steps) {
      require("growth_interval", steps, steps >= 1, "1 or more");
      growthInterval = steps;
      return this;
    }

    /** Off: the factor is 1, and steps are plain ones. */
    public Options enabled(boolean on) {
      enabled = on;
      return this;
    }

    private static double require(String name, double value, boolean good, String allowed) {
      if (!good) {
        throw TorchException.argument("GradScaler", name, value, allowed);
      }
      return value;
    }
  }

  public GradScaler() {
    this(_ -> {});
  }

  public GradScaler(Consumer<Options> options) {
    this.options = new Options();
    options.accept(this.options);
    scale = this.options.initScale;
  }

  /** The loss times the factor. */
  public Tensor scale(Tensor loss) {
    return options.enabled ? loss.mul(scale) : loss;
  }

  /**
   * Divides the gradients of an optimizer's parameters, for those who look at or clip them before
   * the step. PyTorch: {@code unscale_}.
   *
   * @throws TorchException if that was done since the last update, or a gradient is F16
   */
  public void unscale(Optimizer<?> optimizer) {
    if (!options.enabled) {
      return;
    }
    Step step = steps.computeIfAbsent(optimizer, _ -> new Step());
    if (step.unscaled || step.stepped) {
      throw TorchException.argument(
          "GradScaler.unscale",
          "optimizer",
          step.stepped ? "one that has made its step" : "one that was unscaled",
          "once before each step, then update()");
    }
    step.unscaled = true;
    Torch.noGrad(
        () ->
            optimizer
                .groups()
                .forEach(
                    group ->
                        group
                            .parameters()
                            .forEach(p -> p.grad().ifPresent(g -> unscale(g, step)))));
  }

  private void unscale(Tensor gradient, Step step) {
    if (gradient.dtype() == DType.F16) {
      throw TorchException.type(
          "GradScaler.unscale", "gradient", DType.F16, "F32: keep the parameters in F32");
    }
    gradient.mul_(1 / scale);
    step.overflowed |= gradient.isfinite().all().item() == 0;
  }

  /**
   * Unscales, if that was not done, and makes the optimizer's step if all gradients are finite.
   *
   * @return whether the step was made
   */
  public boolean step(Optimizer<?> optimizer) {
    if (!options.enabled) {
      optimizer.step();
      return true;
    }
    Step step = steps.computeIfAbsent(optimizer, _ -> new Step());
    if (step.stepped) {
      throw TorchException.argument(
          "GradScaler.step", "optimizer", "one that has made its step", "update() after each step");
    }
    if (!step.unscaled) {
      unscale(optimizer);
    }
    step.stepped = true;
    if (!step.overflowed) {
      optimizer.step();
    }
    return !step.overflowed;
  }

  /** Lowers the factor if a gradient was not finite, raises it after enough sound steps. */
  public void update() {
    if (!options.enabled) {
      return;
    }
    if (steps.values().stream().noneMatch(s -> s.unscaled)) {
      throw TorchException.argument(
          "GradScaler.update", "steps", "none since the last update", "step(optimizer) first");
    }
    if (steps.values().stream().anyMatch(s -> s.overflowed)) {
      scale *= options.backoffFactor;
      sound = 0;
    } else if (++sound == options.growthInterval) {
      double grown = scale * options.growthFactor;
      scale = Float.isInfinite((float) grown) ? scale : grown;
      sound = 0;
    }
    steps.clear();
  }

  /** The same with a factor to go on with. */
  public void update(double newScale) {
    scale = Options.require("new_scale", newScale, newScale > 0, "above 0");
    steps.clear();
  }

  /** The factor; 1 if switched off. */
  public double getScale() {
    return options.enabled ? scale : 1;
  }

  /** Whether it scales. */
  public boolean isEnabled() {
    return options.enabled;
  }

  /** All that is needed to go on, by PyTorch's names; empty if switched off. */
  public Map<String, Object> stateDict() {
    Map<String, Object> state = new LinkedHashMap<>();
    if (options.enabled) {
      state.put("scale", scale);
      state.put("growth_factor", options.growthFactor);
      state.put("backoff_factor", options.backoffFactor);
      state.put("growth_interval", options.growthInterval);
      state.put("_growth_tracker", sound);
    }
    return state;
  }

  /**
   * Takes over a state.
   *
   * @throws TorchException if it is no scaler's, or that of one that was switched off
   */
  public void loadStateDict(Map<String, ?> state) {
    if (!options.enabled) {
      return;
    }
    Options loaded = new Options();
    loaded.growthFactor(number(state, "growth_factor"));
    loaded.backoffFactor(number(state, "backoff_factor"));
    loaded.growthInterval((long) number(state, "growth_interval"));
    loaded.initScale(number(state, "scale"));
    double tracker = number(state, "_growth_tracker");
    options.growthFactor = loaded.growthFactor;
    options.backoffFactor = loaded.backoffFactor;
    options.growthInterval = loaded.growthInterval;
    scale = loaded.initScale;
    sound = (long) tracker;
  }

  private static double number(Map<String, ?> state, String name) {
    if (state.get(name) instanceof Number n) {
      return n.doubleValue();
    }
    throw TorchException.argument(
        "GradScaler.loadStateDict", name, state.get(name), "the state of a scaler that is enabled");
  }
}
