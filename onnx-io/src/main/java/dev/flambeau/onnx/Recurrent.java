package dev.flambeau.onnx;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.nn.functional.Activations;
import dev.flambeau.torch.op.Pointwise;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * RNN, LSTM and GRU: x (L, N, I), weights (D, gates * H, I), recurrence (D, gates * H, H), biases
 * (D, 2 * gates * H) -> all states (L, D, N, H) and the last (D, N, H). With {@code layout} 1 the
 * batch comes first.
 */
final class Recurrent {
  private Recurrent() {}

  static void register(Registry r) {
    r.mapAll("RNN", c -> run(c, 1, List.of("Tanh")));
    r.mapAll("GRU", c -> run(c, 3, List.of("Sigmoid", "Tanh")));
    r.mapAll("LSTM", c -> run(c, 4, List.of("Sigmoid", "Tanh", "Tanh")));
  }

  private static Tensor[] run(Call c, int gates, List<String> defaults) {
    return run(c, gates, defaults, x -> x);
  }

  /** LSTM whose inputs and states are rounded before they are multiplied by weights. */
  static Tensor[] rounded(Call c, UnaryOperator<Tensor> rounding) {
    return run(c, 4, List.of("Sigmoid", "Tanh", "Tanh"), rounding);
  }

  private static Tensor[] run(
      Call c, int gates, List<String> defaults, UnaryOperator<Tensor> rounding) {
    boolean batchFirst = c.node().flag("layout", false);
    Tensor x = batchFirst ? c.in(0).transpose(0, 1) : c.in(0);
    if (x.dim() != 3 || c.in(1).dim() != 3 || c.in(2).dim() != 3) {
      throw c.bad("X, W, R", x.shape() + ", " + c.in(1).shape(), "three axes each");
    }
    int directions = (int) c.in(1).size(0);
    String direction = c.node().s("direction", "forward");
    if (directions != (direction.equals("bidirectional") ? 2 : 1)) {
      throw c.bad("direction", direction, "what W has, " + directions + " of them");
    }
    List<Tensor> outputs = new ArrayList<>();
    List<Tensor> hidden = new ArrayList<>();
    List<Tensor> cells = new ArrayList<>();
    for (int d = 0; d < directions; d++) {
      boolean back = direction.equals("reverse") || d == 1;
      Layer layer = new Layer(c, d, gates, defaults, batchFirst, rounding);
      Tensor[] result = layer.run(x, back);
      outputs.add(result[0]);
      hidden.add(result[1]);
      cells.add(result[2]);
    }
    Tensor y = Torch.stack(outputs, 1);
    Tensor h = Torch.stack(hidden, 0);
    Tensor last = gates == 4 ? Torch.stack(cells, 0) : null;
    if (!batchFirst) {
      return new Tensor[] {y, h, last};
    }
    return new Tensor[] {
      y.permute(2, 0, 1, 3), h.transpose(0, 1), last == null ? null : last.transpose(0, 1)
    };
  }

  /** One direction. */
  private static final class Layer {
    private final Call c;
    private final UnaryOperator<Tensor> rounding;
    private final int gates;
    private final long size;
    private final Tensor weight;
    private final Tensor recurrence;
    private final Optional<Tensor> inputBias;
    private final Optional<Tensor> stateBias;
    private final Optional<Tensor> peepholes;
    private final List<UnaryOperator<Tensor>> activations = new ArrayList<>();
    private final boolean together;
    private final boolean coupled;
    private Tensor hidden;
    private Tensor cell;

    Layer(
        Call c,
        int d,
        int gates,
        List<String> defaults,
        boolean batchFirst,
        UnaryOperator<Tensor> rounding) {
      this.c = c;
      this.rounding = rounding;
      this.gates = gates;
      weight = c.in(1).select(0, d);
      recurrence = c.in(2).select(0, d);
      size = recurrence.size(1);
      long width = gates * size;
      Optional<Tensor> bias = c.maybe(3).map(b -> b.select(0, d));
      inputBias = bias.map(b -> b.narrow(0, 0, width));
      stateBias = bias.map(b -> b.narrow(0, width, width));
      peepholes = gates == 4 ? c.maybe(7).map(p -> p.select(0, d)) : Optional.empty();
      long batch = c.in(0).size(batchFirst ? 0 : 1);
      hidden = start(5, d, batchFirst, batch);
      cell = gates == 4 ? start(6, d, batchFirst, batch) : hidden;
      together = c.node().flag("linear_before_reset", false);
      coupled = c.node().flag("input_forget", false);
      chooseActivations(d, defaults);
    }

    private Tensor start(int input, int d, boolean batchFirst, long batch) {
      return c.has(input)
          ? c.in(input).select(batchFirst ? 1 : 0, d)
          : Torch.zeros(c.in(0).dtype(), batch, size);
    }

    private void chooseActivations(int d, List<String> defaults) {
      List<String> names = c.node().strings("activations");
      double[] alphas = c.node().floats("activation_alpha", new double[0]);
      double[] betas = c.node().floats("activation_beta", new double[0]);
      // The lists of numbers count only the activations that take one.
      int alpha = 0;
      int beta = 0;
      for (int i = 0; i < names.size() && i < (d + 1) * defaults.size(); i++) {
        String name = names.get(i).toLowerCase(Locale.ROOT);
        double a = takesAlpha(name) && alpha < alphas.length ? alphas[alpha++] : Double.NaN;
        double b = takesBeta(name) && beta < betas.length ? betas[beta++] : Double.NaN;
        if (i >= d * defaults.size()) {
          activations.add(activation(c, name, a, b));
        }
      }
      for (int i = activations.size(); i < defaults.size(); i++) {
        String name = defaults.get(i).toLowerCase(Locale.ROOT);
        activations.add(activation(c, name, Double.NaN, Double.NaN));
      }
    }

    /** All states (L, N, H), the last one, and the last cell state. */
    Tensor[] run(Tensor x, boolean back) {
      long steps = x.size(0);
      Tensor projected = rounding.apply(x).matmul(weight.t());
      if (inputBias.isPresent()) {
        projected = projected.add(inputBias.get());
      }
      Tensor lengths = c.has(4) ? c.in(4).reshape(-1, 1) : null;
      List<Tensor> outputs = new ArrayList<>();
      for (long i = 0; i < steps; i++) {
        long t = back ? steps - 1 - i : i;
        Tensor oldHidden = hidden;
        Tensor oldCell = cell;
        step(projected.select(0, t));
        Tensor shown = hidden;
        if (lengths != null) {
          // Beyond a sample's length its state stays and its output is zero.
          Tensor alive = lengths.gt(t);
          hidden = Torch.where(alive, hidden, oldHidden);
          cell = Torch.where(alive, cell, oldCell);
          shown = Torch.where(alive, shown, shown.zerosLike());
        }
        outputs.add(shown);
      }
      Tensor all =
          outputs.isEmpty()
              ? Torch.zeros(x.dtype(), 0, x.size(1), size)
              : Torch.stack(back ? outputs.reversed() : outputs, 0);
      return new Tensor[] {all, hidden, cell};
    }

    private void step(Tensor input) {
      switch (gates) {
        case 1 -> hidden = apply(0, input.add(recurrent(0, 1)));
        case 3 -> gru(input);
        default -> lstm(input);
      }
    }

    /** R h + b for gates {@code from} to {@code to}. */
    private Tensor recurrent(int from, int to) {
      return recurrent(hidden, from, to);
    }

    private Tensor recurrent(Tensor h, int from, int to) {
      Tensor rows = recurrence.narrow(0, from * size, (to - from) * size);
      Tensor y = rounding.apply(h).matmul(rows.t());
      return stateBias.map(b -> y.add(b.narrow(0, from * size, (to - from) * size))).orElse(y);
    }

    private Tensor apply(int i, Tensor x) {
      Tensor limited =
          c.node().has("clip") ? x.clamp(-c.node().f("clip", 0), c.node().f("clip", 0)) : x;
      return activations.get(i).apply(limited);
    }

    private Tensor gate(Tensor all, int i) {
      return all.narrow(1, i * size, size);
    }

    /** Gates in the order update, reset, hidden (Cho et al. 2014). */
    private void gru(Tensor input) {
      Tensor both = input.narrow(1, 0, 2 * size).add(recurrent(0, 2));
      Tensor update = apply(0, gate(both, 0));
      Tensor reset = apply(0, gate(both, 1));
      Tensor past = together ? reset.mul(recurrent(2, 3)) : recurrent(reset.mul(hidden), 2, 3);
      Tensor fresh = apply(1, gate(input, 2).add(past));
      hidden = fresh.add(update.mul(hidden.sub(fresh)));
    }

    /** Gates in the order input, output, forget, cell (Hochreiter and Schmidhuber 1997). */
    private void lstm(Tensor input) {
      Tensor all = input.add(recurrent(0, 4));
      Tensor in = apply(0, peeped(gate(all, 0), cell, 0));
      Tensor forget = coupled ? in.rsub(1) : apply(0, peeped(gate(all, 2), cell, 2));
      cell = forget.mul(cell).add(in.mul(apply(1, gate(all, 3))));
      Tensor out = apply(0, peeped(gate(all, 1), cell, 1));
      hidden = out.mul(activations.get(2).apply(cell));
    }

    private Tensor peeped(Tensor x, Tensor state, int gate) {
      return peepholes.map(p -> x.add(p.narrow(0, gate * size, size).mul(state))).orElse(x);
    }
  }

  private static boolean takesAlpha(String name) {
    return switch (name) {
      case "leakyrelu", "thresholdedrelu", "scaledtanh", "hardsigmoid", "elu", "affine" -> true;
      default -> false;
    };
  }

  private static boolean takesBeta(String name) {
    return switch (name) {
      case "scaledtanh", "hardsigmoid", "affine" -> true;
      default -> false;
    };
  }

  private static UnaryOperator<Tensor> activation(Call c, String name, double a, double b) {
    return switch (name) {
      case "sigmoid" -> Tensor::sigmoid;
      case "tanh" -> Tensor::tanh;
      case "relu" -> Tensor::relu;
      case "softsign" -> x -> x.apply(Activations.SOFTSIGN);
      case "softplus" -> x -> x.apply(Pointwise.SOFTPLUS);
      case "leakyrelu" -> x -> x.apply(Pointwise.leakyRelu(or(a, 0.01)));
      case "thresholdedrelu" -> x -> x.apply(Activations.threshold(or(a, 1), 0));
      case "elu" -> x -> x.apply(Activations.elu(or(a, 1)));
      case "scaledtanh" -> x -> x.mul(or(b, 1)).tanh().mul(or(a, 1));
      case "hardsigmoid" -> x -> x.mul(or(a, 0.2)).add(or(b, 0.5)).clamp(0, 1);
      case "affine" -> x -> x.mul(or(a, 1)).add(or(b, 0));
      default -> throw c.bad("activations", name, "those that ONNX lists");
    };
  }

  private static double or(double given, double fallback) {
    return Double.isNaN(given) ? fallback : given;
  }
}
