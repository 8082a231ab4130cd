package dev.flambeau.torch.optim;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The changes of parameters and gradient LBFGS remembers, and the directions found from them. */
final class LbfgsHistory extends ParameterState {
  private static final double LEAST_CURVATURE = 1e-10;

  long evaluations;
  long iterations;

  /** The last direction, null before the first step. */
  Tensor direction;

  /** How far the last step went along it. */
  double size;

  Tensor previousGradient;
  double previousLoss;

  /** Changes of the gradient, of the parameters, and 1 / their products, oldest first. */
  private final List<Tensor> gradients = new ArrayList<>();

  private final List<Tensor> moves = new ArrayList<>();
  private final List<Double> inverses = new ArrayList<>();
  private double scale = 1;

  /** Finds the next direction by the two-loop recursion. */
  void turn(Tensor gradient, int most) {
    iterations++;
    Torch.noGrad(
        () -> {
          if (iterations == 1) {
            direction = gradient.neg();
            return;
          }
          remember(gradient.sub(previousGradient), direction.mul(size), most);
          direction = recursion(gradient);
        });
  }

  private void remember(Tensor change, Tensor move, int most) {
    double curvature = change.dot(move).item();
    if (curvature > LEAST_CURVATURE) {
      if (gradients.size() == most) {
        gradients.removeFirst();
        moves.removeFirst();
        inverses.removeFirst();
      }
      gradients.add(change);
      moves.add(move);
      inverses.add(1 / curvature);
      scale = curvature / change.dot(change).item();
    }
  }

  private Tensor recursion(Tensor gradient) {
    int n = gradients.size();
    double[] factors = new double[n];
    Tensor q = gradient.neg();
    for (int i = n - 1; i >= 0; i--) {
      factors[i] = moves.get(i).dot(q).item() * inverses.get(i);
      q.add_(gradients.get(i), -factors[i]);
    }
    Tensor r = q.mul(scale);
    for (int i = 0; i < n; i++) {
      double back = gradients.get(i).dot(r).item() * inverses.get(i);
      r.add_(moves.get(i), factors[i] - back);
    }
    return r;
  }

  /** Lets the tensors live as long as the parameters. */
  void own(Tensor parameter) {
    Stream.concat(gradients.stream(), moves.stream()).forEach(t -> Optimizer.owned(parameter, t));
    if (direction != null) {
      Optimizer.owned(parameter, direction);
      Optimizer.owned(parameter, previousGradient);
    }
  }

  /** In PyTorch's form. */
  Map<String, Object> save() {
    Map<String, Object> out = new LinkedHashMap<>();
    if (evaluations > 0) {
      out.put("func_evals", evaluations);
      out.put("n_iter", iterations);
    }
    if (direction != null) {
      out.put("d", direction);
      out.put("t", size);
      out.put("old_dirs", List.copyOf(gradients));
      out.put("old_stps", List.copyOf(moves));
      out.put("ro", List.copyOf(inverses));
      out.put("H_diag", scale);
      out.put("prev_flat_grad", previousGradient);
      out.put("prev_loss", previousLoss);
    }
    return out;
  }

  /** The other way round. */
  static LbfgsHistory load(Tensor parameter, Map<?, ?> saved) {
    LbfgsHistory history = new LbfgsHistory();
    history.evaluations = (long) StateDict.real("func_evals", saved.get("func_evals"));
    history.iterations = (long) StateDict.real("n_iter", saved.get("n_iter"));
    if (saved.get("d") instanceof Tensor d) {
      history.direction = copy(parameter, "d", d, d);
      history.size = StateDict.real("t", saved.get("t"));
      history.scale = StateDict.real("H_diag", saved.get("H_diag"));
      history.previousLoss = StateDict.real("prev_loss", saved.get("prev_loss"));
      history.previousGradient = copy(parameter, "prev_flat_grad", saved.get("prev_flat_grad"), d);
      list(saved, "old_dirs")
          .forEach(t -> history.gradients.add(copy(parameter, "old_dirs", t, d)));
      list(saved, "old_stps").forEach(t -> history.moves.add(copy(parameter, "old_stps", t, d)));
      list(saved, "ro").forEach(v -> history.inverses.add(StateDict.real("ro", v)));
      int n = history.gradients.size();
      if (history.moves.size() != n || history.inverses.size() != n) {
        throw StateDict.wrong("old_dirs, old_stps, ro", "of different lengths", "equally long");
      }
    }
    return history;
  }

  private static List<?> list(Map<?, ?> saved, String name) {
    if (saved.get(name) instanceof List<?> list) {
      return list;
    }
    throw StateDict.wrong("state." + name, saved.get(name), "a list");
  }

  private static Tensor copy(Tensor parameter, String name, Object value, Tensor like) {
    if (value instanceof Tensor t) {
      return StateDict.tensor(parameter, t, name, like.shape());
    }
    throw StateDict.wrong("state." + name, value, "a tensor");
  }
}
