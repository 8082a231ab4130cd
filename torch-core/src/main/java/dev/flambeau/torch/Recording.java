package dev.flambeau.torch;

import dev.flambeau.torch.autograd.Engine;
import dev.flambeau.torch.autograd.GradOptions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/** What is recorded for gradients, and gradients; used through {@link Torch}. */
class Recording extends Joining {
  Recording() {}

  /** Runs {@code body} without recording gradients; only for calls made on this thread. */
  public static <T> T noGrad(Supplier<T> body) {
    return setGradEnabled(false, body);
  }

  /** Runs {@code body} without recording gradients; only for calls made on this thread. */
  public static void noGrad(Runnable body) {
    noGrad(supplier(body));
  }

  /** Runs {@code body} with gradients recorded, inside {@link #noGrad}. */
  public static <T> T enableGrad(Supplier<T> body) {
    return setGradEnabled(true, body);
  }

  /** Runs {@code body} with gradients recorded, inside {@link #noGrad}. */
  public static void enableGrad(Runnable body) {
    enableGrad(supplier(body));
  }

  /** Runs {@code body} with gradients recorded or not; in {@link #inferenceMode} they never are. */
  public static <T> T setGradEnabled(boolean on, Supplier<T> body) {
    return Mode.current().withGrad(on).call(body);
  }

  /** Runs {@code body} with gradients recorded or not; in {@link #inferenceMode} they never are. */
  public static void setGradEnabled(boolean on, Runnable body) {
    setGradEnabled(on, supplier(body));
  }

  /** Whether gradients are recorded on this thread now. */
  public static boolean isGradEnabled() {
    return Mode.current().grad();
  }

  /**
   * Runs {@code body} without recording gradients, for results that never will be recorded: using
   * the tensors it makes in a recorded call that saves them, changing them in place outside, or
   * letting them require grad is an error.
   */
  public static <T> T inferenceMode(Supplier<T> body) {
    return inferenceMode(true, body);
  }

  /** The same. */
  public static void inferenceMode(Runnable body) {
    inferenceMode(true, supplier(body));
  }

  /** Runs {@code body} inside inference mode, or outside of it and recorded. */
  public static <T> T inferenceMode(boolean on, Supplier<T> body) {
    return Mode.current().withInference(on).call(body);
  }

  /** Whether this thread is in {@link #inferenceMode} now. */
  public static boolean isInferenceModeEnabled() {
    return Mode.current().inference();
  }

  /**
   * Runs {@code body} so that an error in a backward names the place of the forward call, and a
   * gradient that becomes NaN in a backward is an error; both take time. The place is known for
   * calls made inside, NaN is looked for in backwards run inside.
   */
  public static <T> T detectAnomaly(Supplier<T> body) {
    return Mode.current().withAnomaly(true).call(body);
  }

  /** The same. */
  public static void detectAnomaly(Runnable body) {
    detectAnomaly(supplier(body));
  }

  /**
   * Runs {@code body} with hooks that keep what backward needs: on disk or compressed, for example.
   * The innermost ones count. PyTorch: {@code torch.autograd.graph.saved_tensors_hooks}.
   *
   * @param pack gets each tensor that a recorded call saves, which it must not change
   * @param unpack gets what {@code pack} returned and gives back the same shape and type
   */
  public static <P, T> T savedTensorsHooks(
      Function<Tensor, P> pack, Function<P, Tensor> unpack, Supplier<T> body) {
    Mode.SavedHooks hooks =
        new Mode.SavedHooks() {
          @Override
          public Object pack(Tensor tensor) {
            return pack.apply(tensor);
          }

          @Override
          @SuppressWarnings("unchecked") // what pack made
          public Tensor unpack(Object packed) {
            return unpack.apply((P) packed);
          }
        };
    return Mode.current().withSavedHooks(hooks).call(body);
  }

  /**
   * d(output)/d(inputs) without touching the leaves' gradients; the output has one element.
   *
   * @param createGraph record the backward itself, for higher derivatives
   */
  public static List<Tensor> grad(Tensor output, List<Tensor> inputs, boolean createGraph) {
    return grad(List.of(output), inputs, o -> o.createGraph(createGraph));
  }

  /**
   * Vector-Jacobian products: the sum over outputs of gradOutput^T d(output)/d(input) for each
   * input, without touching the leaves' gradients. Only calls that lead to an input are run.
   *
   * @throws TorchException if an output without gradient has more than one element, an input does
   *     not require grad, or is not used and that is not allowed
   */
  public static List<Tensor> grad(
      List<Tensor> outputs, List<Tensor> inputs, Consumer<GradOptions> options) {
    GradOptions o = options(options);
    return Arrays.asList(
        Engine.grad(
            outputs.toArray(Tensor[]::new),
            seeds("grad", outputs, o.gradOutputs()),
            inputs.toArray(Tensor[]::new),
            o.retainGraph(),
            o.createGraph(),
            o.allowUnused()));
  }

  /** Adds to the gradients of all leaves that {@code outputs}, of one element each, depend on. */
  public static void backward(List<Tensor> outputs) {
    backward(outputs, _ -> {});
  }

  /** Adds the vector-Jacobian products to the leaves' gradients, or to those of some inputs. */
  public static void backward(List<Tensor> outputs, Consumer<GradOptions> options) {
    GradOptions o = options(options);
    Tensor[] roots = outputs.toArray(Tensor[]::new);
    Tensor[] seeds = seeds("backward", outputs, o.gradOutputs());
    if (o.inputs().isEmpty()) {
      Engine.backward(roots, seeds, o.retainGraph(), o.createGraph());
    } else {
      Engine.backward(
          roots, seeds, o.inputs().toArray(Tensor[]::new), o.retainGraph(), o.createGraph());
    }
  }

  private static GradOptions options(Consumer<GradOptions> options) {
    GradOptions o = new GradOptions();
    options.accept(o);
    return o;
  }

  private static Tensor[] seeds(String operator, List<Tensor> outputs, List<Tensor> given) {
    if (!given.isEmpty() && given.size() != outputs.size()) {
      throw TorchException.argument(
          operator,
          "gradOutputs",
          given.size() + " tensors",
          "one for each output, " + outputs.size());
    }
    List<Tensor> seeds = new ArrayList<>();
    for (int i = 0; i < outputs.size(); i++) {
      Optional<Tensor> seed = given.isEmpty() ? Optional.empty() : Optional.of(given.get(i));
      seeds.add(Engine.seed(operator, outputs.get(i), seed));
    }
    return seeds.toArray(Tensor[]::new);
  }

  private static Supplier<Void> supplier(Runnable body) {
    return () -> {
      body.run();
      return null;
    };
  }
}
