package dev.flambeau.torch.linalg;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.dispatch.Dispatcher;
import dev.flambeau.torch.op.CholeskySolve;
import dev.flambeau.torch.op.Matrices;
import dev.flambeau.torch.op.PseudoInverse;
import dev.flambeau.torch.op.Solve;
import java.util.Optional;
import java.util.Set;

/** Equations and inverses: the first part of {@link Linalg}. */
abstract class Solvers {
  Solvers() {}

  /** The solution, sums of squared residuals, ranks and singular values, empty where not made. */
  public record LeastSquares(
      Tensor solution, Tensor residuals, Tensor rank, Tensor singularValues) {}

  /**
   * X with A X = B (X A = B if not {@code left}); leading axes broadcast. B (..., n, k), or (...,
   * n) if its shape is A's without the last axis.
   *
   * @throws TorchException if a matrix is singular
   */
  public static Tensor solve(Tensor a, Tensor b, boolean left) {
    Linalg.WithInfo result = solveEx(a, b, left);
    Checks.succeeded("linalg.solve", "A", result.info(), "singular (pivot %d is 0)");
    return result.result();
  }

  /** The same without the check. */
  public static Linalg.WithInfo solveEx(Tensor a, Tensor b, boolean left) {
    Matrices.checkSquare("linalg.solve", "A", a.meta());
    if (Checks.isVector(a, b)) {
      if (!left) {
        throw TorchException.argument(
            "linalg.solve", "left", "false for a vector B", "true, or a B of matrices");
      }
      Linalg.WithInfo columns = solveEx(a, b.unsqueeze(-1), true);
      return new Linalg.WithInfo(columns.result().squeeze(-1), columns.info());
    }
    if (!left) {
      Linalg.WithInfo turned = solveEx(a.mT(), b.mT(), true);
      return new Linalg.WithInfo(turned.result().mT(), turned.info());
    }
    Checks.Pair pair = Checks.broadcast("linalg.solve", a, b);
    Tensor[] out = Dispatcher.callAll(new Solve(), pair.a(), pair.b());
    return new Linalg.WithInfo(out[0], out[1]);
  }

  /**
   * X with A X = B (X A = B if not {@code left}) for triangular A.
   *
   * @param unit the diagonal counts as 1
   */
  public static Tensor solveTriangular(
      Tensor a, Tensor b, boolean upper, boolean left, boolean unit) {
    Matrices.checkSquare("linalg.solve_triangular", "A", a.meta());
    Matrices.check("linalg.solve_triangular", "B", b.meta());
    if (!left) {
      return solveTriangular(a.mT(), b.mT(), !upper, true, unit).mT();
    }
    Checks.Pair pair = Checks.broadcast("linalg.solve_triangular", a, b);
    return Matrices.solveTriangular(pair.a(), pair.b(), upper, unit);
  }

  /**
   * The inverse.
   *
   * @throws TorchException if a matrix is singular
   */
  public static Tensor inv(Tensor a) {
    Linalg.WithInfo result = invEx(a);
    Checks.succeeded("linalg.inv", "A", result.info(), "singular (pivot %d is 0)");
    return result.result();
  }

  /** The same without the check. */
  public static Linalg.WithInfo invEx(Tensor a) {
    Tensor[] out = Dispatcher.callAll(new Solve.Inverse(), a);
    return new Linalg.WithInfo(out[0], out[1]);
  }

  /** X with A X = B (X A = B if not left; A^T if adjoint) from {@link Linalg#luFactor}. */
  public static Tensor luSolve(Tensor lu, Tensor pivots, Tensor b, boolean left, boolean adjoint) {
    Matrices.checkSquare("linalg.lu_solve", "LU", lu.meta());
    if (!left) {
      return luSolve(lu, pivots, b.mT(), true, !adjoint).mT();
    }
    Linalg.LU factors = Linalg.luUnpack(lu, pivots);
    if (adjoint) {
      Tensor y = solveTriangular(factors.u().mT(), b, false, true, false);
      return factors.p().matmul(solveTriangular(factors.l().mT(), y, true, true, true));
    }
    Tensor y = solveTriangular(factors.l(), factors.p().mT().matmul(b), false, true, true);
    return solveTriangular(factors.u(), y, true, true, false);
  }

  /** X with A X = B from A's factor L (or U). PyTorch: {@code torch.cholesky_solve}. */
  public static Tensor choleskySolve(Tensor b, Tensor factor, boolean upper) {
    Matrices.checkSquare("cholesky_solve", "L", factor.meta());
    Checks.Pair pair = Checks.broadcast("cholesky_solve", factor, b);
    return Dispatcher.call(new CholeskySolve(upper), pair.a(), pair.b());
  }

  /** A^-1 from A's factor L (or U). PyTorch: {@code torch.cholesky_inverse}. */
  public static Tensor choleskyInverse(Tensor factor, boolean upper) {
    Matrices.checkSquare("cholesky_inverse", "L", factor.meta());
    Tensor eye = Matrices.eye(factor, factor.size(-1)).expand(factor.shape());
    return Dispatcher.call(new CholeskySolve(upper), factor, eye);
  }

  /** The Moore-Penrose inverse; singular values up to eps max(m, n) of the largest count as 0. */
  public static Tensor pinv(Tensor a) {
    return pinv(a, Optional.empty(), Optional.empty(), false);
  }

  /**
   * The same.
   *
   * @param atol singular values up to this count as 0; a number or one for each matrix
   * @param rtol the same as a part of the largest; eps max(m, n), or 0 if atol is given and above 0
   * @param hermitian A is symmetric: its lower triangle is read
   */
  public static Tensor pinv(
      Tensor a, Optional<Tensor> atol, Optional<Tensor> rtol, boolean hermitian) {
    Matrices.check("linalg.pinv", "A", a.meta());
    Tensor[] limits = Ranks.tolerances(a, atol, rtol);
    return Dispatcher.call(new PseudoInverse(hermitian), a, limits[0], limits[1]);
  }

  /**
   * X that makes the columns of A X - B shortest, the shortest of these.
   *
   * @param driver LAPACK's gels, gelsy, gelsd or gelss; it decides which other results there are
   * @param rcond singular values up to this part of the largest count as 0; eps max(m, n)
   */
  public static LeastSquares lstsq(Tensor a, Tensor b, Optional<Double> rcond, String driver) {
    if (!Set.of("gels", "gelsy", "gelsd", "gelss").contains(driver)) {
      throw TorchException.argument(
          "linalg.lstsq", "driver", driver, "gels, gelsy, gelsd or gelss");
    }
    if (Checks.isVector(a, b)) {
      LeastSquares columns = lstsq(a, b.unsqueeze(-1), rcond, driver);
      return new LeastSquares(
          columns.solution().squeeze(-1),
          columns.residuals(),
          columns.rank(),
          columns.singularValues());
    }
    Checks.Pair pair = Checks.broadcast("linalg.lstsq", a, b);
    Optional<Tensor> rtol = rcond.map(r -> Torch.full(DType.F64, r));
    Tensor solution = pinv(pair.a(), Optional.empty(), rtol, false).matmul(pair.b());
    Tensor none = a.zeros(Shape.of(0));
    Tensor values = driver.equals("gels") ? none : Linalg.svdvals(pair.a().detach());
    Tensor rank =
        driver.equals("gels")
            ? none.to(DType.I64)
            : Ranks.count(pair.a(), values, Optional.empty(), rtol);
    boolean residuals =
        a.size(-2) > a.size(-1)
            && !driver.equals("gelsy")
            && (driver.equals("gels") || rank.numel() == 0 || rank.amin().itemLong() == a.size(-1));
    Tensor rest = pair.a().matmul(solution).sub(pair.b()).square();
    return new LeastSquares(
        solution,
        residuals ? rest.sum(new int[] {-2}, false) : none,
        rank,
        driver.equals("gelsd") || driver.equals("gelss") ? values : none);
  }
}
