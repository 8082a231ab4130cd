package dev.flambeau.torch.op;

import static dev.flambeau.torch.op.expr.Expr.in;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.dispatch.Dispatcher;
import dev.flambeau.torch.op.expr.Derivative;
import dev.flambeau.torch.op.expr.Expr;
import dev.flambeau.torch.op.expr.Simplify;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The gradients of one pointwise operator as pointwise operators of their own. What has to be saved
 * is read off their leaves; a subexpression equal to the operator's output is replaced by the
 * output, so exp and tanh save only that.
 */
record GradientRules(Pointwise op, List<Rule> rules, Saves saves) {
  /** The gradient by an input cannot be derived. */
  static final Rule UNKNOWN = new Rule(Pointwise.SECOND, 0, 0, 0, false, false);

  private static final Map<Pointwise, GradientRules> CACHE = new ConcurrentHashMap<>();

  /**
   * The gradient by one input: its operator and where each argument comes from.
   *
   * @param zero whether it depends on no output's gradient
   * @param given whether it is an override
   */
  record Rule(Pointwise op, int inputs, int outputs, int gradients, boolean zero, boolean given) {}

  static GradientRules of(Pointwise op) {
    GradientRules known = CACHE.get(op);
    if (known == null) {
      known = derive(op);
      CACHE.put(op, known);
    }
    return known;
  }

  private static GradientRules derive(Pointwise op) {
    List<Rule> rules = new ArrayList<>();
    int inputs = 0;
    int outputs = 0;
    for (int i = 0; i < op.arity(); i++) {
      Rule rule = knownRule(op, i);
      rules.add(rule);
      inputs |= rule.inputs;
      outputs |= rule.outputs;
    }
    return new GradientRules(op, List.copyOf(rules), new Saves(inputs, outputs));
  }

  private static Rule knownRule(Pointwise op, int input) {
    try {
      return rule(op, input);
    } catch (Derivative.Unknown e) {
      return UNKNOWN;
    }
  }

  private static Expr expression(Pointwise op, int input) {
    Expr override = op.gradients() == null ? null : op.gradients().by(input);
    if (override != null) {
      return override;
    }
    Expr sum = Expr.of(0);
    for (int k = 0; k < op.outputs().size(); k++) {
      Expr partial = Derivative.of(op.outputs().get(k), input);
      sum = sum.add(Derivative.times(in(op.arity() + k), partial));
    }
    return Simplify.replace(
        sum,
        e -> {
          int k = e instanceof Expr.In || e instanceof Expr.Const ? -1 : op.outputs().indexOf(e);
          return k < 0 || op.types() == Types.BOOL ? e : new Expr.Out(k);
        });
  }

  /** Renumbers the leaves: saved inputs first, then saved outputs, then gradients. */
  private static Rule rule(Pointwise op, int input) {
    boolean given = op.gradients() != null && op.gradients().by(input) != null;
    Expr e = expression(op, input);
    int all = Simplify.inputs(e);
    int inputs = all & (1 << op.arity()) - 1;
    int gradients = all >> op.arity();
    int outputs = Simplify.outputs(e);
    Expr renumbered =
        Simplify.replace(
            e,
            leaf ->
                switch (leaf) {
                  case Expr.In in when in.index() < op.arity() -> in(below(inputs, in.index()));
                  case Expr.In in ->
                      in(
                          Integer.bitCount(inputs)
                              + Integer.bitCount(outputs)
                              + below(gradients, in.index() - op.arity()));
                  case Expr.Out out -> in(Integer.bitCount(inputs) + below(outputs, out.index()));
                  default -> leaf;
                });
    int arity = Integer.bitCount(inputs) + Integer.bitCount(outputs) + Integer.bitCount(gradients);
    Pointwise derived =
        new Pointwise(
            op.name() + ".backward" + input, arity, List.of(renumbered), Types.SAME, null);
    return new Rule(derived, inputs, outputs, gradients, gradients == 0, given);
  }

  private static int below(int bits, int index) {
    return Integer.bitCount(bits & (1 << index) - 1);
  }

  Tensor gradient(int input, Saved saved, Tensor[] gradients) {
    Rule rule = rules.get(input);
    DType type = saved.inputMeta(input).dtype();
    if (!type.isFloat()) {
      return null;
    }
    if (rule == UNKNOWN) {
      throw TorchException.gradient(
          op.name() + ": the derivative by input " + input + " is not known");
    }
    if (rule.zero) {
      // A step has the gradient 0; an operand another one overwrites has none.
      Tensor g = gradientOf(gradients);
      return rules.size() == 1 || rule.given
          ? g.zerosLike().sumToSize(saved.inputMeta(input).shape()).to(type)
          : null;
    }
    Tensor[] args = new Tensor[rule.op.arity()];
    int n = 0;
    for (int i = 0; i < saved.inputs(); i++) {
      if ((rule.inputs >> i & 1) != 0) {
        args[n++] = saved.input(i);
      }
    }
    for (int k = 0; k < gradients.length; k++) {
      if ((rule.outputs >> k & 1) != 0) {
        args[n++] = saved.output(k);
      }
    }
    for (int k = 0; k < gradients.length; k++) {
      if ((rule.gradients >> k & 1) != 0) {
        args[n++] = gradients[k] == null ? gradientOf(gradients).zerosLike() : gradients[k];
      }
    }
    Expr body = rule.op.outputs().get(0);
    Tensor g = body instanceof Expr.In only ? args[only.index()] : Dispatcher.call(rule.op, args);
    return g.sumToSize(saved.inputMeta(input).shape()).to(type);
  }

  private static Tensor gradientOf(Tensor[] gradients) {
    for (Tensor g : gradients) {
      if (g != null) {
        return g;
      }
    }
    throw new IllegalStateException("backward called without any gradient");
  }
}
