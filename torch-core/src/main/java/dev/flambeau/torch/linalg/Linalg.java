package dev.flambeau.torch.linalg;

import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.dispatch.Dispatcher;
import dev.flambeau.torch.op.Cholesky;
import dev.flambeau.torch.op.Determinant;
import dev.flambeau.torch.op.Eigh;
import dev.flambeau.torch.op.Ldl;
import dev.flambeau.torch.op.LuFactor;
import dev.flambeau.torch.op.Matrices;
import dev.flambeau.torch.op.Qr;
import dev.flambeau.torch.op.Svd;
import java.util.Arrays;
import java.util.Set;

/**
 * Factorizations, equations and norms of matrices, the last two axes, of F32 or F64; leading axes
 * are batches. Everything is computed in double and has gradients, unless it says otherwise.
 * PyTorch: {@code torch.linalg}.
 */
public final class Linalg extends MatrixFunctions {
  private Linalg() {}

  /** A result and, for each matrix, 0 or where the computation failed (I32). */
  public record WithInfo(Tensor result, Tensor info) {}

  /** Factors of {@code Q R = A}. */
  public record QR(Tensor q, Tensor r) {}

  /** Factors of {@code P L U = A}. */
  public record LU(Tensor p, Tensor l, Tensor u) {}

  /** L and U in one matrix, row exchanges (I32, from 1), 0 or the first zero pivot (I32). */
  public record LuFactors(Tensor lu, Tensor pivots, Tensor info) {}

  /** L and D in one matrix, pivots as LAPACK's sytrf gives them, 0 or the first zero block. */
  public record LdlFactors(Tensor ld, Tensor pivots, Tensor info) {}

  /** Ascending eigenvalues, and eigenvectors as columns. */
  public record Eigen(Tensor values, Tensor vectors) {}

  /** Factors of {@code U diag(S) Vh = A}. */
  public record SVD(Tensor u, Tensor s, Tensor vh) {}

  /** Of a determinant; the logarithm of its absolute value. */
  public record SignLogarithm(Tensor sign, Tensor logabsdet) {}

  /**
   * Lower L with L L^T = A, or upper U with U^T U = A. One triangle of A is read.
   *
   * @throws TorchException if a matrix is not positive definite
   */
  public static Tensor cholesky(Tensor a, boolean upper) {
    WithInfo result = choleskyEx(a, upper);
    Checks.succeeded(
        "linalg.cholesky", "A", result.info(), "not positive definite (order %d of its minors)");
    return result.result();
  }

  /** The same without the check. */
  public static WithInfo choleskyEx(Tensor a, boolean upper) {
    Matrices.checkSquare("linalg.cholesky", "A", a.meta());
    Tensor[] out = Dispatcher.callAll(new Cholesky(), upper ? a.mT() : a);
    return new WithInfo(upper ? out[0].mT() : out[0], out[1]);
  }

  /** Q with min(m, n) columns, R. */
  public static QR qr(Tensor a) {
    return qr(a, "reduced");
  }

  /**
   * The same.
   *
   * @param mode "reduced", "complete" (square Q; a gradient only where m &lt;= n) or "r" (Q empty)
   */
  public static QR qr(Tensor a, String mode) {
    if (!Set.of("reduced", "complete", "r").contains(mode)) {
      throw TorchException.argument("linalg.qr", "mode", mode, "reduced, complete or r");
    }
    Tensor[] out = Dispatcher.callAll(new Qr(mode.equals("complete")), a);
    Tensor none = a.zeros(Shape.of(0));
    return new QR(mode.equals("r") ? none : out[0], out[1]);
  }

  /** Reflections as LAPACK's geqrf gives them: q holds them below R, r their factors tau. */
  public static QR geqrf(Tensor a) {
    Tensor[] out = Dispatcher.callAll(new Qr.Raw(), a);
    return new QR(out[0], out[1]);
  }

  /** P L U = A. */
  public static LU lu(Tensor a, boolean pivot) {
    LuFactors factors = luFactorEx(a, pivot);
    return luUnpack(factors.lu(), factors.pivots());
  }

  /**
   * As {@link #luFactorEx}.
   *
   * @throws TorchException if a square matrix has a zero pivot
   */
  public static LuFactors luFactor(Tensor a, boolean pivot) {
    LuFactors factors = luFactorEx(a, pivot);
    Checks.succeeded("linalg.lu_factor", "A", factors.info(), "singular (pivot %d is 0)");
    return factors;
  }

  /** Elimination with or without row exchanges. */
  public static LuFactors luFactorEx(Tensor a, boolean pivot) {
    Tensor[] out = Dispatcher.callAll(new LuFactor(pivot), a);
    return new LuFactors(out[0], out[1], out[2]);
  }

  /** The factors as matrices of their own: (..., m, m), (..., m, k), (..., k, n). */
  public static LU luUnpack(Tensor lu, Tensor pivots) {
    Matrices.check("lu_unpack", "LU_data", lu.meta());
    long m = lu.size(-2);
    long k = Math.min(m, lu.size(-1));
    Tensor rows = Dispatcher.call(new LuFactor.Permutation(m), pivots);
    // Row i of A comes to row j where rows[j] = i.
    Tensor p = rows.unsqueeze(-2).eq(Torch.arange(m).unsqueeze(-1)).to(lu.dtype());
    Tensor lower = lu.narrow(-1, 0, k).tril(-1);
    Tensor unit = Matrices.eye(lu, Math.max(m, k)).narrow(-1, 0, k);
    return new LU(p, lower.add(unit), lu.narrow(-2, 0, k).triu(0));
  }

  /**
   * Factors of symmetric matrices, lower triangle. No gradient.
   *
   * @throws TorchException if D is singular
   */
  public static LdlFactors ldlFactor(Tensor a) {
    LdlFactors factors = ldlFactorEx(a);
    Checks.succeeded("linalg.ldl_factor", "A", factors.info(), "singular (block %d is 0)");
    return factors;
  }

  /** The same without the check. */
  public static LdlFactors ldlFactorEx(Tensor a) {
    Tensor[] out = Dispatcher.callAll(new Ldl(), a);
    return new LdlFactors(out[0], out[1], out[2]);
  }

  /** X with A X = B from {@link #ldlFactor}; leading axes broadcast. No gradient. */
  public static Tensor ldlSolve(Tensor ld, Tensor pivots, Tensor b) {
    Checks.Pair pair = Checks.broadcast("linalg.ldl_solve", ld, b);
    long[] sizes = Matrices.batch(pair.a().shape()).sizes();
    long[] all = Arrays.copyOf(sizes, sizes.length + 1);
    all[sizes.length] = ld.size(-1);
    return Dispatcher.call(new Ldl.Solution(), pair.a(), pivots.expand(all), pair.b());
  }

  /** Eigenvalues and eigenvectors of symmetric matrices; the upper triangle is read if so said. */
  public static Eigen eigh(Tensor a, boolean upper) {
    Matrices.checkSquare("linalg.eigh", "A", a.meta());
    Tensor[] out = Dispatcher.callAll(new Eigh(), upper ? a.mT() : a);
    return new Eigen(out[0], out[1]);
  }

  /** Eigenvalues of symmetric matrices, ascending. */
  public static Tensor eigvalsh(Tensor a, boolean upper) {
    return eigh(a, upper).values();
  }

  /** Singular vectors and values; {@code full}: square U and Vh. */
  public static SVD svd(Tensor a, boolean full) {
    Tensor[] out = Dispatcher.callAll(new Svd(full), a);
    return new SVD(out[0], out[1], out[2]);
  }

  /** Singular values, descending. */
  public static Tensor svdvals(Tensor a) {
    return svd(a, false).s();
  }

  /** The determinant. */
  public static Tensor det(Tensor a) {
    return Dispatcher.call(new Determinant(), a);
  }

  /** The determinant's sign and the logarithm of its absolute value. */
  public static SignLogarithm slogdet(Tensor a) {
    Tensor[] out = Dispatcher.callAll(new Determinant.Logarithm(), a);
    return new SignLogarithm(out[0], out[1]);
  }

  /** The determinant's logarithm: NaN where it is negative. PyTorch: {@code torch.logdet}. */
  public static Tensor logdet(Tensor a) {
    SignLogarithm parts = slogdet(a);
    Tensor nan = parts.logabsdet().detach().fullLike(Double.NaN);
    return Torch.where(parts.sign().eq(-1), nan, parts.logabsdet());
  }
}
