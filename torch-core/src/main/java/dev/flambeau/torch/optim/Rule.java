package dev.flambeau.torch.optim;

import dev.flambeau.torch.op.Pointwise;
import dev.flambeau.torch.op.Types;
import dev.flambeau.torch.op.expr.Expr;
import java.util.ArrayList;
import java.util.List;

/**
 * An update as formulas: from the old parameter, its gradient, what is remembered of it and some
 * numbers to the new parameter and what to remember. Numbers are inputs, so that changing them
 * compiles nothing.
 *
 * @param <O> the options the numbers are taken from
 */
final class Rule<O extends GroupOptions<O>> {
  /** A number of an update. */
  @FunctionalInterface
  interface Number<O> {
    double of(O options, ParameterState state);
  }

  private final String name;
  private final List<String> buffers;
  private final List<Number<O>> numbers = new ArrayList<>();
  private final Expr[] next;

  /**
   * @param buffers PyTorch's names of the tensors remembered
   */
  Rule(String name, List<String> buffers) {
    this.name = name;
    this.buffers = List.copyOf(buffers);
    next = new Expr[1 + buffers.size()];
  }

  List<String> buffers() {
    return buffers;
  }

  /** The old parameter. */
  Expr parameter() {
    return Expr.in(0);
  }

  /** The gradient of what is minimized: with "maximize" the negative one. */
  Expr gradient(O options) {
    Expr g = Expr.in(1);
    return options.flag("maximize") ? g.neg() : g;
  }

  /** The gradient with "weight_decay" times the parameter added, if that is not 0. */
  Expr decayed(O options) {
    Expr g = gradient(options);
    return options.number("weight_decay") == 0 ? g : g.add(parameter().mul(option("weight_decay")));
  }

  /** The parameter, shrunk by lr times "weight_decay", if that is not 0. */
  Expr shrunk(O options) {
    return options.number("weight_decay") == 0
        ? parameter()
        : parameter().mul(number((o, _) -> 1 - o.lr() * o.number("weight_decay")));
  }

  /** A remembered tensor's old value. */
  Expr buffer(String buffer) {
    return Expr.in(2 + buffers.indexOf(buffer));
  }

  /** A number that is computed at each step. */
  Expr number(Number<O> number) {
    numbers.add(number);
    return Expr.in(1 + buffers.size() + numbers.size());
  }

  /** An option's value. */
  Expr option(String option) {
    return number((o, _) -> o.number(option));
  }

  /** A running mean: old * kept + value * (1 - kept). */
  Expr mean(String buffer, Expr value, Number<O> kept) {
    return remember(
        buffer,
        buffer(buffer).mul(number(kept)).add(value.mul(number((o, s) -> 1 - kept.of(o, s)))));
  }

  /** A remembered tensor's new value, which is returned. */
  Expr remember(String buffer, Expr value) {
    next[1 + buffers.indexOf(buffer)] = value;
    return value;
  }

  /** The parameter's new value, which is the last thing to say. */
  Rule<O> becomes(Expr parameter) {
    next[0] = parameter;
    return this;
  }

  Pointwise operator() {
    int arity = 2 + buffers.size() + numbers.size();
    return new Pointwise(name, arity, List.of(next), Types.SAME, null);
  }

  double[] numbers(O options, ParameterState state) {
    double[] values = new double[numbers.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = numbers.get(i).of(options, state);
    }
    return values;
  }
}
