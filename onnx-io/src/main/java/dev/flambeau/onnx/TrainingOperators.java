package dev.flambeau.onnx;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.util.ArrayList;
import java.util.List;

/** ONNX's training operators: derivatives of a part of the graph, and steps of optimizers. */
final class TrainingOperators {
  /** What stands for the differentiated part of the graph among the bodies of a Gradient node. */
  static final String FUNCTION = "y";

  private TrainingOperators() {}

  static void register(Registry r) {
    r.values("Gradient", TrainingOperators::gradient);
    r.values("Adagrad", c -> step(c, 3, TrainingOperators::adagrad));
    r.values("Adam", c -> step(c, 4, TrainingOperators::adam));
    r.values("Momentum", c -> step(c, 3, TrainingOperators::momentum));
  }

  /**
   * d sum(y) / d x for each x, where the inputs stand for the values named xs and zs. It can be
   * differentiated again.
   */
  private static OnnxValue[] gradient(Call c) {
    if (Torch.isInferenceModeEnabled()) {
      throw c.bad("mode", "inference mode", "any but that, such as Torch.noGrad");
    }
    int count = c.node().strings("xs").size();
    boolean again = Torch.isGradEnabled();
    return Torch.enableGrad(
        () -> {
          OnnxValue[] given = new OnnxValue[c.count()];
          List<Tensor> xs = new ArrayList<>();
          for (int i = 0; i < given.length; i++) {
            given[i] = c.value(i);
            if (i < count) {
              Tensor x = c.in(i);
              if (!x.dtype().isFloat()) {
                throw c.bad("input " + i, x.dtype(), "floating point numbers");
              }
              // A value of its own: only what the function does with it counts.
              xs.add(x.requiresGrad() ? x.mul(1) : x.detach().requiresGrad(true));
              given[i] = c.like(i, xs.get(i))[0];
            }
          }
          OnnxValue result = c.body(FUNCTION, given)[0];
          if (!(result instanceof OnnxValue.Numbers y) || !y.tensor().dtype().isFloat()) {
            throw c.bad("y", result.describe(), "floating point numbers");
          }
          OnnxValue[] out = new OnnxValue[count];
          for (int i = 0; i < count; i++) {
            out[i] = c.like(i, xs.get(i).detach().zerosLike())[0];
          }
          if (y.tensor().requiresGrad()) {
            List<Tensor> slopes =
                Torch.grad(
                    List.of(y.tensor().sum()), xs, o -> o.createGraph(again).allowUnused(true));
            for (int i = 0; i < count; i++) {
              out[i] = c.like(i, slopes.get(i))[0];
            }
          }
          return out;
        });
  }

  /** New values of a variable and of its state, in this order. */
  private interface Rule {
    Tensor[] apply(Call c, Tensor rate, long time, Tensor[] state);
  }

  /**
   * Inputs are rate, time, and for n variables their values, their gradients and so on, n of a
   * kind; outputs are the same without gradients.
   *
   * @param kinds how many tensors belong to a variable
   */
  private static OnnxValue[] step(Call c, int kinds, Rule rule) {
    int n = (c.count() - 2) / kinds;
    if (n < 1 || c.count() != 2 + n * kinds) {
      throw c.bad("inputs", c.count(), "2 and " + kinds + " a variable");
    }
    Tensor rate = c.in(0);
    long time = c.scalarLong(1);
    OnnxValue[] out = new OnnxValue[n * (kinds - 1)];
    for (int i = 0; i < n; i++) {
      Tensor[] state = new Tensor[kinds];
      for (int k = 0; k < kinds; k++) {
        state[k] = c.in(2 + k * n + i);
      }
      Tensor[] updated = rule.apply(c, rate.to(state[0].dtype()).reshape(), time, state);
      for (int k = 0; k < updated.length; k++) {
        out[k * n + i] = c.like(2 + i, updated[k])[0];
      }
    }
    return out;
  }

  private static Tensor regularized(Call c, Tensor x, Tensor gradient) {
    return x.mul(c.node().f("norm_coefficient", 0)).add(gradient);
  }

  private static Tensor[] adagrad(Call c, Tensor rate, long time, Tensor[] state) {
    Tensor gradient = regularized(c, state[0], state[1]);
    Tensor squares = state[2].add(gradient.square());
    Tensor slowed = rate.div(1 + time * c.node().f("decay_factor", 0));
    Tensor direction = gradient.div(squares.sqrt().add(c.node().f("epsilon", 0)));
    return new Tensor[] {state[0].sub(slowed.mul(direction)), squares};
  }

  private static Tensor[] adam(Call c, Tensor rate, long time, Tensor[] state) {
    double alpha = c.node().f("alpha", 0.9);
    double beta = c.node().f("beta", 0.999);
    Tensor gradient = regularized(c, state[0], state[1]);
    Tensor mean = state[2].mul(alpha).add(gradient.mul(1 - alpha));
    Tensor squares = state[3].mul(beta).add(gradient.square().mul(1 - beta));
    double correction =
        time > 0 ? Math.sqrt(1 - Math.pow(beta, time)) / (1 - Math.pow(alpha, time)) : 1;
    Tensor direction = mean.div(squares.sqrt().add(c.node().f("epsilon", 0)));
    Tensor moved = state[0].sub(rate.mul(correction).mul(direction));
    Tensor shrunk = moved.mul(1 - c.node().f("norm_coefficient_post", 0));
    return new Tensor[] {shrunk, mean, squares};
  }

  private static Tensor[] momentum(Call c, Tensor rate, long time, Tensor[] state) {
    double alpha = c.node().f("alpha", 0);
    double beta = time > 0 ? c.node().f("beta", 1) : 1;
    String mode = c.node().s("mode", "standard");
    Tensor gradient = regularized(c, state[0], state[1]);
    Tensor velocity = state[2].mul(alpha).add(gradient.mul(beta));
    Tensor direction =
        switch (mode) {
          case "standard" -> velocity;
          case "nesterov" -> gradient.add(velocity.mul(alpha));
          default -> throw c.bad("mode", mode, "standard, nesterov");
        };
    return new Tensor[] {state[0].sub(rate.mul(direction)), velocity};
  }
}
