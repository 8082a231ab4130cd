package dev.flambeau.torch.amp;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Mode;
import dev.flambeau.torch.TorchException;
import java.util.function.Supplier;

/**
 * Where operators choose the types they compute in: matrix products and convolutions in BF16 or
 * F16, what needs precision in F32, the rest as it gets its inputs. It holds for the thread that
 * runs the body; backward computes in the types that forward chose and belongs outside. F64 and
 * integers stay. PyTorch: {@code torch.autocast("cpu", dtype)}.
 *
 * <p>As PyTorch's: products, convolutions, F32 for linear algebra, Fourier transforms and CTC,
 * {@code cat} in the widest type of its inputs, batch and layer norms in F32 with a result of the
 * input's type, weights cast once. Otherwise: {@code log_softmax}, by which cross entropy computes,
 * is F32, as on PyTorch's GPUs, and recurrent layers compute in the widest type of their inputs.
 */
public final class Autocast {
  private final DType type;
  private final boolean enabled;
  private final boolean cache;

  private Autocast(DType type, boolean enabled, boolean cache) {
    this.type = type;
    this.enabled = enabled;
    this.cache = cache;
  }

  /**
   * Matrix products in this type.
   *
   * @param type BF16 or F16
   */
  public static Autocast autocast(DType type) {
    if (type != DType.BF16 && type != DType.F16) {
      throw TorchException.type("autocast", "dtype", type, "BF16 or F16");
    }
    return new Autocast(type, true, true);
  }

  /** Types as they are, also inside another one. PyTorch: {@code enabled=False}. */
  public static Autocast disabled() {
    return new Autocast(DType.F32, false, false);
  }

  /** Whether weights that are cast are kept until the outermost autocast ends; they are. */
  public Autocast cache(boolean on) {
    return new Autocast(type, enabled, on);
  }

  /** Whether one is in force on this thread. */
  public static boolean isEnabled() {
    return Mode.current().casting() != null;
  }

  /** Runs {@code body} so; what holds outside holds again after it. */
  public <T> T run(Supplier<T> body) {
    Mode mode = Mode.current();
    Mode.Casting casting = null;
    if (enabled) {
      boolean same = mode.casting() instanceof Casts outer && outer.fits(type, cache);
      casting = same ? mode.casting() : new Casts(type, cache);
    }
    return mode.withCasting(casting).call(body);
  }

  /** The same. */
  public void run(Runnable body) {
    run(
        () -> {
          body.run();
          return null;
        });
  }
}
