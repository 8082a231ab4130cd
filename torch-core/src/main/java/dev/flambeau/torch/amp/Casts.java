package dev.flambeau.torch.amp;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Mode;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.op.BatchNorm;
import dev.flambeau.torch.op.Cat;
import dev.flambeau.torch.op.Cholesky;
import dev.flambeau.torch.op.CholeskySolve;
import dev.flambeau.torch.op.Conv;
import dev.flambeau.torch.op.ConvTranspose;
import dev.flambeau.torch.op.Ctc;
import dev.flambeau.torch.op.Determinant;
import dev.flambeau.torch.op.Eigh;
import dev.flambeau.torch.op.HalfFft;
import dev.flambeau.torch.op.LayerNorm;
import dev.flambeau.torch.op.Ldl;
import dev.flambeau.torch.op.LuFactor;
import dev.flambeau.torch.op.MatMul;
import dev.flambeau.torch.op.MaxPool;
import dev.flambeau.torch.op.Op;
import dev.flambeau.torch.op.PairFft;
import dev.flambeau.torch.op.PseudoInverse;
import dev.flambeau.torch.op.Qr;
import dev.flambeau.torch.op.Recurrent;
import dev.flambeau.torch.op.Softmax;
import dev.flambeau.torch.op.Solve;
import dev.flambeau.torch.op.Svd;
import dev.flambeau.torch.op.TriangularSolve;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/** The lists of operators, and the weights that were cast. Belongs to one thread. */
final class Casts implements Mode.Casting {
  private enum Kind {
    LOWER,
    FULL,
    /** In F32, with a first result of the first input's type. */
    INSIDE,
    WIDEST,
    AS_IS
  }

  private static final Set<Class<? extends Op>> PRODUCTS =
      Set.of(MatMul.class, Conv.class, ConvTranspose.class);

  private static final Set<Class<? extends Op>> PRECISE =
      Set.of(
          Cholesky.class,
          CholeskySolve.class,
          Ctc.class,
          Determinant.class,
          Determinant.Logarithm.class,
          Eigh.class,
          HalfFft.class,
          Ldl.class,
          LuFactor.class,
          PairFft.class,
          PseudoInverse.class,
          Qr.class,
          Solve.class,
          Svd.class,
          TriangularSolve.class);

  /** Pooling for its kernel's sake: a maximum is the same in any type. */
  private static final Set<Class<? extends Op>> INNER =
      Set.of(BatchNorm.class, BatchNorm.Eval.class, LayerNorm.class, MaxPool.class);

  private static final Set<Class<? extends Op>> MIXED = Set.of(Cat.class, Recurrent.class);

  private record Cast(int version, Tensor tensor) {}

  private final DType type;
  private final boolean cache;
  private final Map<Tensor, Cast> weights = new IdentityHashMap<>();

  Casts(DType type, boolean cache) {
    this.type = type;
    this.cache = cache;
  }

  boolean fits(DType other, boolean caching) {
    return type == other && cache == caching;
  }

  @Override
  public Tensor[] call(Op op, Tensor[] inputs, UnaryOperator<Tensor[]> run) {
    return switch (kind(op, inputs)) {
      case AS_IS -> run.apply(inputs);
      case LOWER -> run.apply(each(inputs, this::lowered));
      case FULL -> run.apply(each(inputs, t -> to(t, DType.F32)));
      case WIDEST -> run.apply(widened(inputs));
      case INSIDE -> {
        DType wanted = inputs[0].dtype();
        Tensor[] out = run.apply(each(inputs, t -> to(t, DType.F32)));
        out[0] = to(out[0], wanted);
        yield out;
      }
    };
  }

  private Kind kind(Op op, Tensor[] inputs) {
    Class<? extends Op> c = op.getClass();
    if (op instanceof BatchNorm && type == DType.BF16 && inputs.length == 3) {
      return Kind.AS_IS; // takes BF16 with the rest in F32
    }
    if (PRODUCTS.contains(c)) {
      return Kind.LOWER;
    }
    if (INNER.contains(c)) {
      return Kind.INSIDE;
    }
    if (MIXED.contains(c)) {
      return Kind.WIDEST;
    }
    boolean precise =
        PRECISE.contains(c) || op.name().equals("prod") || op instanceof Softmax s && s.log();
    return precise ? Kind.FULL : Kind.AS_IS;
  }

  private static Tensor[] each(Tensor[] inputs, UnaryOperator<Tensor> change) {
    Tensor[] changed = inputs.clone();
    for (int i = 0; i < changed.length; i++) {
      changed[i] = change.apply(changed[i]);
    }
    return changed;
  }

  private static Tensor[] widened(Tensor[] inputs) {
    boolean full = false;
    boolean half = false;
    for (Tensor t : inputs) {
      full |= t.dtype() == DType.F32;
      half |= t.dtype() == DType.F16 || t.dtype() == DType.BF16;
    }
    return full && half ? each(inputs, t -> to(t, DType.F32)) : inputs;
  }

  private static boolean counts(Tensor t) {
    return t.dtype().isFloat() && t.dtype() != DType.F64;
  }

  private static Tensor to(Tensor t, DType wanted) {
    return counts(t) ? t.to(wanted) : t;
  }

  @Override
  public Tensor lowered(Tensor t) {
    if (!counts(t) || t.dtype() == type) {
      return t;
    }
    // Without a graph the cast would miss the weight's gradient when it is used again.
    if (!cache || !Mode.current().grad() || !t.isLeaf() || !t.requiresGrad()) {
      return t.to(type);
    }
    Cast known = weights.get(t);
    if (known == null
        || known.version != t.storage().version()
        || known.tensor.storage().isFreed()) {
      known = new Cast(t.storage().version(), t.to(type));
      weights.put(t, known);
    }
    return known.tensor;
  }
}
