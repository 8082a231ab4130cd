package dev.flambeau.torch.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.dispatch.Dispatcher;
import dev.flambeau.torch.op.Fold;
import dev.flambeau.torch.op.Ops;
import dev.flambeau.torch.op.Pointwise;
import dev.flambeau.torch.op.Reduction;
import dev.flambeau.torch.op.Types;
import dev.flambeau.torch.op.expr.Expr;
import dev.flambeau.torch.op.expr.Prim;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Block kernels give what the interpreter gives: types, sizes, layouts. */
class KernelsTest {
  private static final long[] SIZES = {0, 1, 4, 6, 8, 13, 16, 25, 207, 513, 4098};

  private static final List<UnaryOperator<Tensor>> LAYOUTS =
      List.of(
          t -> t,
          t -> t.reshape(1, -1).t(),
          t -> Torch.stack(List.of(t, t.mul(2)), 1).select(1, 0),
          t -> t.numel() == 0 ? t : t.narrow(0, 0, 1).expand(t.numel()),
          t -> t.reshape(1, 1, -1).permute(2, 0, 1));

  private static Tensor sample(DType type, long size, int seed) {
    double[] values = new double[(int) size];
    for (int i = 0; i < values.length; i++) {
      double u = (i * 0.6180339887 + seed * 0.377 + 0.13) % 1.0;
      values[i] = type.isFloat() ? -3 + 6 * u : Math.floor(-3 + 8 * u);
    }
    Tensor t = Torch.tensor(values, size);
    return type == DType.U8 || type == DType.BOOL ? t.abs().to(type) : t.to(type);
  }

  private static void compare(String what, Tensor expected, Tensor actual, double magnitude) {
    assertEquals(expected.dtype(), actual.dtype(), what);
    double[] a = expected.toDoubleArray();
    double[] b = actual.toDoubleArray();
    double relative = expected.dtype() == DType.F64 ? 1e-12 : 3e-6;
    if (expected.dtype() == DType.F16 || expected.dtype() == DType.BF16) {
      relative = 1e-2; // one rounding of the type, which may fall the other way
    }
    for (int i = 0; i < a.length; i++) {
      boolean same = a[i] == b[i] || Double.isNaN(a[i]) && Double.isNaN(b[i]);
      boolean near = Math.abs(a[i] - b[i]) <= relative * (magnitude + Math.abs(a[i]));
      assertTrue(same || near, what + " at " + i + ": " + b[i] + ", not " + a[i]);
    }
  }

  private static boolean onIntegers(Expr e) {
    return switch (e) {
      case Expr.Call c ->
          c.prim().onIntegers() && c.args().stream().allMatch(KernelsTest::onIntegers);
      case Expr.Where w -> onIntegers(w.condition()) && onIntegers(w.yes()) && onIntegers(w.no());
      default -> true;
    };
  }

  /** Steps that jump where the interpreter's double and the kernel's float differ by rounding. */
  private static boolean jumps(Pointwise op) {
    String text = op.outputs().toString();
    return text.contains(Prim.FLOOR_DIV.name())
        || text.contains(Prim.REMAINDER.name())
        || text.contains(Prim.FMOD.name());
  }

  @Test
  void pointwiseEqualsInterpreter() {
    int checked = 0;
    for (Pointwise op : Ops.pointwise().values()) {
      for (DType type : DType.values()) {
        boolean integer = op.types() != Types.FLOAT && !type.isFloat();
        boolean whole = op.types() == Types.INTEGERS || op.types() == Types.BITS;
        boolean refused =
            (op.types() == Types.NUMBERS || op.types() == Types.INTEGERS) && type == DType.BOOL
                || whole && type.isFloat();
        if (refused
            || integer && !onIntegers(op.outputs().get(0))
            || jumps(op) && type != DType.F64) {
          continue;
        }
        for (int s = 0; s < SIZES.length; s++) {
          UnaryOperator<Tensor> layout = LAYOUTS.get((s + type.ordinal()) % LAYOUTS.size());
          check(op, type, SIZES[s], layout);
          checked++;
        }
      }
    }
    assertTrue(checked > 3000, "only " + checked + " cases ran");
  }

  private static void check(Pointwise op, DType type, long size, UnaryOperator<Tensor> layout) {
    Tensor[] inputs = new Tensor[op.arity()];
    for (int i = 0; i < inputs.length; i++) {
      inputs[i] = layout.apply(sample(type, size, i));
    }
    Tensor actual = Dispatcher.call(op, inputs);
    Tensor expected = Torch.empty(actual.dtype(), actual.shape().sizes());
    Interpreter.pointwise(op, inputs, new Tensor[] {expected});
    compare(op.name() + " " + type + " " + size, expected, actual, 0.1);
  }

  @Test
  void reductionsEqualInterpreter() {
    List<Fold> folds = new ArrayList<>(Ops.folds().values());
    folds.add(Fold.variance(1));
    for (Fold fold : folds) {
      for (DType type :
          new DType[] {DType.F64, DType.F32, DType.F16, DType.I64, DType.U8, DType.BOOL}) {
        boolean realOnly = fold == Fold.MEAN || fold.name().equals("var");
        if (realOnly && !type.isFloat() || fold.states() == 2 && type == DType.BOOL) {
          continue;
        }
        for (long[] sizes : new long[][] {{2, 3}, {40, 5}, {5, 700}, {700, 5}, {1030, 2}}) {
          Tensor t = sample(type, sizes[0] * sizes[1], 1).reshape(sizes);
          if (fold == Fold.PROD) {
            t = type.isFloat() ? t.mul(0.1).add(1).to(type) : t.mul(0).add(1).to(type);
          }
          for (int axis : new int[] {0, 1}) {
            check(fold, t, axis);
            check(fold, t.t(), axis);
          }
        }
      }
    }
  }

  private static void check(Fold fold, Tensor t, int axis) {
    Reduction op = Reduction.of(fold, new int[] {axis}, false);
    Tensor[] actual = Dispatcher.callAll(op, t);
    Tensor[] expected = new Tensor[actual.length];
    for (int k = 0; k < expected.length; k++) {
      expected[k] = Torch.empty(actual[k].dtype(), actual[k].shape().sizes());
    }
    Interpreter.reduce(op, t, expected);
    for (int k = 0; k < expected.length; k++) {
      String what =
          fold.name() + " output " + k + " " + t.dtype() + " " + t.shape() + " axis " + axis;
      compare(what, expected[k], actual[k], 0.1 + 0.1 * t.size(axis));
    }
  }

  @Test
  void wholeTensorSums() {
    Tensor t = Torch.arange(1_000_003).to(DType.F32).reshape(1, -1);
    assertEquals(1_000_003.0 * 1_000_002 / 2, t.sum().item(), 1e6);
    assertEquals(1_000_003.0 * 1_000_002 / 2, t.to(DType.I64).sum().itemLong());
    assertEquals(1_000_002, t.amax().item());
  }

  /** Wherever a column stands: in a whole block, in a part of one or behind the last vector. */
  @Test
  void equalColumnsHaveEqualSums() {
    for (int columns : new int[] {3, 40, 512, 1000, 1031}) {
      Tensor column = Torch.arange(169).to(DType.F32).mul(1e8).add(0.3).sin().mul(1e6);
      Tensor sums = column.unsqueeze(1).expand(169, columns).contiguous().sum(0);
      assertEquals(sums.amin().item(), sums.amax().item(), columns + " columns");
    }
  }
}
