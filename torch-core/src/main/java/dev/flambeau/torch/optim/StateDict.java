package dev.flambeau.torch.optim;

import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** An optimizer's state in the form PyTorch gives it. */
final class StateDict {
  private static final String STATE = "state";
  private static final String GROUPS = "param_groups";
  private static final String PARAMETERS = "params";
  private static final String STEP = "step";

  private StateDict() {}

  static <O extends GroupOptions<O>> Map<String, Object> write(Optimizer<O> optimizer) {
    Map<Long, Object> states = new LinkedHashMap<>();
    List<Map<String, Object>> groups = new ArrayList<>();
    long index = 0;
    for (Optimizer.Group<O> group : optimizer.groups()) {
      List<Long> indices = new ArrayList<>();
      for (Tensor p : group.parameters()) {
        Map<String, Object> own = optimizer.save(optimizer.state(p));
        if (!own.isEmpty()) {
          states.put(index, own);
        }
        indices.add(index++);
      }
      Map<String, Object> options = group.options().toMap();
      options.put(PARAMETERS, indices);
      groups.add(options);
    }
    Map<String, Object> all = new LinkedHashMap<>();
    all.put(STATE, states);
    all.put(GROUPS, groups);
    return all;
  }

  static <O extends GroupOptions<O>> void read(Optimizer<O> optimizer, Map<?, ?> saved) {
    if (!(saved.get(STATE) instanceof Map<?, ?> states)
        || !(saved.get(GROUPS) instanceof List<?> savedGroups)) {
      throw wrong("state", "keys " + saved.keySet(), "a map \"state\" and a list \"param_groups\"");
    }
    List<Optimizer.Group<O>> groups = optimizer.groups();
    if (savedGroups.size() != groups.size()) {
      throw wrong(
          GROUPS, savedGroups.size() + " groups", groups.size() + ", as this optimizer has");
    }
    Map<Long, Map<?, ?>> byIndex = byIndex(states);
    List<O> options = new ArrayList<>();
    Map<Tensor, ParameterState> loaded = new IdentityHashMap<>();
    for (int i = 0; i < groups.size(); i++) {
      List<Tensor> parameters = groups.get(i).parameters();
      Map<?, ?> group = savedGroups.get(i) instanceof Map<?, ?> m ? m : Map.of();
      if (!(group.get(PARAMETERS) instanceof List<?> indices)
          || indices.size() != parameters.size()) {
        throw wrong(
            "params of group " + i,
            group.get(PARAMETERS),
            "a list of " + parameters.size() + " numbers");
      }
      O own = optimizer.freshOptions();
      own.copy(groups.get(i).options());
      own.load(group);
      options.add(own);
      for (int k = 0; k < parameters.size(); k++) {
        Tensor p = parameters.get(k);
        Map<?, ?> state = byIndex.get(index(indices.get(k)));
        loaded.put(p, state == null ? optimizer.newState() : optimizer.load(p, state));
      }
    }
    for (int i = 0; i < groups.size(); i++) {
      groups.get(i).options().copy(options.get(i));
    }
    optimizer.states(loaded);
  }

  private static Map<Long, Map<?, ?>> byIndex(Map<?, ?> states) {
    Map<Long, Map<?, ?>> all = new HashMap<>();
    states.forEach(
        (key, value) -> {
          if (!(value instanceof Map<?, ?> map)) {
            throw wrong(STATE + "." + key, value, "a map");
          }
          all.put(index(key), map);
        });
    return all;
  }

  private static long index(Object key) {
    try {
      return Long.parseLong(String.valueOf(key));
    } catch (NumberFormatException e) {
      throw wrong("a parameter's number", key, "an integer");
    }
  }

  static Map<String, Object> parameter(ParameterState state, boolean countsSteps) {
    Map<String, Object> out = new LinkedHashMap<>();
    if (countsSteps && state.steps > 0) {
      out.put(STEP, number(state.steps));
    }
    state.numbers.forEach((name, value) -> out.put(name, number(value)));
    out.putAll(state.tensors);
    return out;
  }

  static ParameterState parameter(Optimizer<?> optimizer, Tensor p, Map<?, ?> saved) {
    ParameterState state = new ParameterState();
    saved.forEach(
        (key, value) -> {
          String name = String.valueOf(key);
          if (name.equals(STEP)) {
            state.steps = (long) real(name, value);
          } else if (optimizer.numberNames().contains(name)) {
            state.numbers.put(name, real(name, value));
          } else if (value instanceof Tensor t) {
            state.tensors.put(name, tensor(p, t, name, optimizer.shapeOf(name, p)));
          } else if (value != null) {
            throw wrong(STATE + "." + name, value, "a tensor");
          }
        });
    if (optimizer.countsSteps() && state.steps < 1 && !state.tensors.isEmpty()) {
      throw wrong(STATE + ".step", saved.get(STEP), "the number of steps so far");
    }
    return state;
  }

  /** A copy that belongs to the parameter. */
  static Tensor tensor(Tensor p, Tensor saved, String name, Shape shape) {
    if (!saved.shape().equals(shape)) {
      throw TorchException.shape(
          "loadStateDict", STATE + "." + name, saved.shape(), shape.toString());
    }
    return Torch.noGrad(
        () -> {
          Tensor own = shape.equals(p.shape()) ? p.detach().emptyLike() : p.zeros(shape);
          return Optimizer.owned(p, own.copy_(saved.detach()));
        });
  }

  /** PyTorch keeps numbers of states as 0-d F32 tensors. */
  static Tensor number(double value) {
    return Torch.scalar((float) value);
  }

  /** A number, however it was written. */
  static double real(String name, Object value) {
    return switch (value) {
      case Number n -> n.doubleValue();
      case Tensor t when t.numel() == 1 -> t.item();
      case null, default -> throw wrong(STATE + "." + name, value, "a number");
    };
  }

  static TorchException wrong(String argument, Object got, String allowed) {
    return TorchException.argument("loadStateDict", argument, got, allowed);
  }
}
