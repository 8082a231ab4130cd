package dev.flambeau.torch.catalog;

import static dev.flambeau.torch.catalog.Entry.entry;
import static dev.flambeau.torch.catalog.Entry.several;

import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.linalg.Linalg;
import java.util.List;
import java.util.Optional;

/** Eigenvalues, singular values, inverses and equations. */
final class SpectralEntries {
  private static final String GAPS = "PyTorch's own F32 rounding of gaps between singular values";

  static final List<Entry> ALL =
      List.of(
          several(
                  "linalg.eigh",
                  "Linalg.eigh",
                  a -> parts(Linalg.eigh(a.self(), a.text("UPLO", "L").equals("U"))))
              .compare(new Signs(1, -1)),
          several("symeig", "Linalg.eigh", SpectralEntries::symeig).compare(new Signs(1, -1)),
          entry(
              "linalg.eigvalsh",
              "Linalg.eigvalsh",
              a -> Linalg.eigvalsh(a.self(), a.text("UPLO", "L").equals("U"))),
          several("linalg.svd", "Linalg.svd", SpectralEntries::svd)
              .compare(new Signs(0, 2))
              .tolerance(5e-5, 5e-5, GAPS),
          several("svd", "Linalg.svd", SpectralEntries::oldSvd)
              .compare(new Signs(0, 2))
              .tolerance(5e-5, 5e-5, GAPS),
          entry("linalg.svdvals", "Linalg.svdvals", a -> Linalg.svdvals(a.self())),
          entry("linalg.pinv", "Linalg.pinv", SpectralEntries::pinv)
              .tolerance(5e-5, 5e-5, "PyTorch's own F32 rounding of inverted small values"),
          entry("linalg.pinv.singular", "Linalg.pinv", SpectralEntries::pinvOfProduct),
          entry(
              "pinverse",
              "Linalg.pinv",
              a ->
                  Linalg.pinv(
                      a.self(), Optional.empty(), LinalgEntries.tolerance(a, "rcond"), false)),
          entry("linalg.matrix_rank", "Linalg.matrixRank", SpectralEntries::rank),
          entry("linalg.inv", "Linalg.inv", a -> Linalg.inv(a.self())),
          several("linalg.inv_ex", "Linalg.invEx", a -> parts(a, Linalg.invEx(a.self()))),
          entry(
              "linalg.solve", "Linalg.solve", a -> Linalg.solve(a.self(), a.tensor("B"), left(a))),
          several(
              "linalg.solve_ex",
              "Linalg.solveEx",
              a -> parts(a, Linalg.solveEx(a.self(), a.tensor("B"), left(a)))),
          entry("linalg.solve_triangular", "Linalg.solveTriangular", SpectralEntries::triangular),
          several("triangular_solve", "Linalg.solveTriangular", SpectralEntries::oldTriangular)
              .tolerance(1e-5, 2e-5, "PyTorch's own F32 rounding of substitution"),
          several("linalg.lstsq", "Linalg.lstsq", SpectralEntries::lstsq),
          several("linalg.lstsq.grad_oriented", "Linalg.lstsq", a -> lstsq(a).subList(0, 1)));

  private SpectralEntries() {}

  private static boolean left(Arguments a) {
    return a.named("left") == null || a.flag("left", true);
  }

  private static List<Tensor> parts(Linalg.Eigen e) {
    return List.of(e.values(), e.vectors());
  }

  private static List<Tensor> parts(Arguments a, Linalg.WithInfo r) {
    a.only("check_errors", false);
    return List.of(r.result(), r.info());
  }

  private static List<Tensor> symeig(Arguments a) {
    boolean vectors = a.flag("eigenvectors", false);
    Linalg.Eigen e = Linalg.eigh(a.self(), a.flag("upper", true));
    return vectors ? parts(e) : List.of(e.values(), a.self().zeros(Shape.of(0)));
  }

  private static List<Tensor> svd(Arguments a) {
    Linalg.SVD s = Linalg.svd(a.self(), a.flag("full_matrices", true));
    return List.of(s.u(), s.s(), s.vh());
  }

  private static List<Tensor> oldSvd(Arguments a) {
    boolean some = a.flag("some", true);
    a.only("compute_uv", true);
    Linalg.SVD s = Linalg.svd(a.self(), !some);
    return List.of(s.u(), s.s(), s.vh().mT());
  }

  /** Samples of low rank come as two factors. */
  private static Tensor pinvOfProduct(Arguments a) {
    return Linalg.pinv(a.self().matmul(a.tensor("factor").mT()));
  }

  private static Tensor pinv(Arguments a) {
    boolean hermitian = a.named("hermitian") != null && a.flag("hermitian", false);
    Optional<Tensor> atol = LinalgEntries.tolerance(a, "atol");
    Optional<Tensor> rtol = LinalgEntries.tolerance(a, "rtol");
    return Linalg.pinv(a.self(), atol, rtol, hermitian);
  }

  private static Tensor rank(Arguments a) {
    boolean hermitian = a.named("hermitian") != null && a.flag("hermitian", false);
    Optional<Tensor> tol = LinalgEntries.tolerance(a, "tol");
    Optional<Tensor> atol = tol.or(() -> LinalgEntries.tolerance(a, "atol"));
    Optional<Tensor> rtol = LinalgEntries.tolerance(a, "rtol");
    return Linalg.matrixRank(a.self(), atol, rtol, hermitian);
  }

  private static Tensor triangular(Arguments a) {
    Tensor b = a.tensor("B");
    boolean upper = Boolean.TRUE.equals(a.named("upper"));
    boolean left = left(a);
    boolean unit = Boolean.TRUE.equals(a.named("unitriangular"));
    return Linalg.solveTriangular(a.self(), b, upper, left, unit);
  }

  private static List<Tensor> oldTriangular(Arguments a) {
    Tensor matrix = a.tensor("A");
    boolean upper = a.flag("upper", true);
    boolean transpose = a.flag("transpose", false);
    boolean unit = a.flag("unitriangular", false);
    Tensor used = transpose ? matrix.mT() : matrix;
    Tensor x = Linalg.solveTriangular(used, a.self(), upper != transpose, true, unit);
    return List.of(x, matrix.copy());
  }

  private static List<Tensor> lstsq(Arguments a) {
    Tensor b = a.tensor("B");
    Optional<Double> rcond = a.maybeNumber("rcond").map(Number::doubleValue);
    var r = Linalg.lstsq(a.self(), b, rcond, a.text("driver", "gelsy"));
    return List.of(r.solution(), r.residuals(), r.rank(), r.singularValues());
  }
}
