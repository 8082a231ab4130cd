package dev.flambeau.torch.catalog;

import static dev.flambeau.torch.catalog.Entry.entry;
import static dev.flambeau.torch.catalog.Entry.several;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.linalg.Linalg;
import java.util.List;
import java.util.Optional;

/** Factorizations, equations and functions of matrices. */
final class LinalgEntries {
  private static final String FACTORS = "PyTorch's own F32 rounding of eliminated elements";

  static final List<Entry> ALL =
      List.of(
          entry("cholesky", "Linalg.cholesky", LinalgEntries::cholesky),
          entry("linalg.cholesky", "Linalg.cholesky", LinalgEntries::cholesky),
          several("linalg.cholesky_ex", "Linalg.choleskyEx", LinalgEntries::choleskyEx),
          entry(
              "cholesky_inverse",
              "Linalg.choleskyInverse",
              a -> Linalg.choleskyInverse(a.self(), a.flag("upper", false))),
          entry(
              "cholesky_solve",
              "Linalg.choleskySolve",
              a -> Linalg.choleskySolve(a.self(), a.tensor("L"), a.flag("upper", false))),
          several(
              "linalg.qr", "Linalg.qr", a -> parts(Linalg.qr(a.self(), a.text("mode", "reduced")))),
          several(
              "qr",
              "Linalg.qr",
              a -> parts(Linalg.qr(a.self(), a.flag("some", true) ? "reduced" : "complete"))),
          several("geqrf", "Linalg.geqrf", a -> parts(Linalg.geqrf(a.self()))),
          entry(
                  "linalg.householder_product",
                  "Linalg.householderProduct",
                  a -> Linalg.householderProduct(a.self(), a.tensor("tau")))
              .tolerance(1e-4, 1e-4, "PyTorch's own F32 rounding of long products"),
          entry("ormqr", "Linalg.ormqr", LinalgEntries::ormqr)
              .tolerance(1e-5, 1e-4, "PyTorch's own F32 rounding of long products"),
          several("linalg.lu", "Linalg.lu", a -> parts(Linalg.lu(a.self(), pivot(a)))),
          several(
              "linalg.lu_factor",
              "Linalg.luFactor",
              a -> parts(Linalg.luFactor(a.self(), pivot(a)), false)),
          several(
              "linalg.lu_factor_ex",
              "Linalg.luFactorEx",
              a -> parts(checked(a, Linalg.luFactorEx(a.self(), pivot(a))), true)),
          several("lu", "Linalg.luFactorEx", LinalgEntries::oldLu),
          several("lu_unpack", "Linalg.luUnpack", LinalgEntries::luUnpack),
          entry("linalg.lu_solve", "Linalg.luSolve", LinalgEntries::luSolve),
          entry(
              "lu_solve",
              "Linalg.luSolve",
              a ->
                  Linalg.luSolve(
                      a.tensor("LU_data"), a.tensor("LU_pivots"), a.self(), true, false)),
          several("linalg.ldl_factor", "Linalg.ldlFactor", a -> ldl(a, false))
              .tolerance(1e-5, 2e-5, FACTORS),
          several("linalg.ldl_factor_ex", "Linalg.ldlFactorEx", a -> ldl(a, true))
              .tolerance(1e-5, 2e-5, FACTORS),
          entry(
              "linalg.ldl_solve",
              "Linalg.ldlSolve",
              a ->
                  Linalg.ldlSolve(
                      a.only("hermitian", false).self(), a.tensor("pivots"), a.tensor("B"))),
          entry("linalg.det", "Linalg.det", a -> Linalg.det(a.self())),
          entry("linalg.det.singular", "Linalg.det", a -> Linalg.det(a.self()))
              .without("f329", "a singular matrix whose cofactors are 0 in PyTorch's F32"),
          several(
              "linalg.slogdet",
              "Linalg.slogdet",
              a -> {
                Linalg.SignLogarithm s = Linalg.slogdet(a.self());
                return List.of(s.sign(), s.logabsdet());
              }),
          entry("logdet", "Linalg.logdet", a -> Linalg.logdet(a.self())),
          entry(
              "linalg.matrix_power",
              "Linalg.matrixPower",
              a -> Linalg.matrixPower(a.self(), a.whole("n"))),
          entry("matrix_exp", "Linalg.matrixExp", a -> Linalg.matrixExp(a.self()))
              .tolerance(1e-3, 1e-3, "PyTorch's own F32 rounding beside elements of 1000"),
          entry(
              "linalg.vander",
              "Linalg.vander",
              a ->
                  Linalg.vander(
                      a.self(), a.has("N") ? Optional.of(a.whole("N")) : Optional.empty())),
          entry(
              "linalg.tensorinv",
              "Linalg.tensorinv",
              a -> Linalg.tensorinv(a.self(), a.axis("ind", 2))),
          entry(
              "linalg.tensorsolve",
              "Linalg.tensorsolve",
              a -> Linalg.tensorsolve(a.self(), a.tensor("B"), a.axes("dims"))));

  private LinalgEntries() {}

  private static boolean pivot(Arguments a) {
    return a.flag("pivot", true);
  }

  private static Tensor cholesky(Arguments a) {
    return Linalg.cholesky(a.self(), a.flag("upper", false));
  }

  private static List<Tensor> choleskyEx(Arguments a) {
    boolean upper = a.flag("upper", false);
    a.only("check_errors", false);
    Linalg.WithInfo result = Linalg.choleskyEx(a.self(), upper);
    return List.of(result.result(), result.info());
  }

  private static List<Tensor> parts(Linalg.QR qr) {
    return List.of(qr.q(), qr.r());
  }

  private static List<Tensor> parts(Linalg.LU lu) {
    return List.of(lu.p(), lu.l(), lu.u());
  }

  private static List<Tensor> parts(Linalg.LuFactors f, boolean info) {
    return info ? List.of(f.lu(), f.pivots(), f.info()) : List.of(f.lu(), f.pivots());
  }

  private static Linalg.LuFactors checked(Arguments a, Linalg.LuFactors factors) {
    a.only("check_errors", false);
    return factors;
  }

  private static List<Tensor> oldLu(Arguments a) {
    boolean pivot = pivot(a);
    boolean infos = a.flag("get_infos", false);
    return parts(Linalg.luFactorEx(a.self(), pivot), infos);
  }

  private static List<Tensor> luUnpack(Arguments a) {
    Tensor pivots = a.tensor("LU_pivots");
    a.only("unpack_data", true).only("unpack_pivots", true);
    return parts(Linalg.luUnpack(a.self(), pivots));
  }

  private static Tensor luSolve(Arguments a) {
    Tensor pivots = a.tensor("pivots");
    Tensor b = a.tensor("B");
    return Linalg.luSolve(a.self(), pivots, b, a.flag("left", true), a.flag("adjoint", false));
  }

  private static List<Tensor> ldl(Arguments a, boolean info) {
    a.only("hermitian", false).only("check_errors", false);
    Linalg.LdlFactors f = info ? Linalg.ldlFactorEx(a.self()) : Linalg.ldlFactor(a.self());
    return info ? List.of(f.ld(), f.pivots(), f.info()) : List.of(f.ld(), f.pivots());
  }

  private static Tensor ormqr(Arguments a) {
    Tensor tau = a.tensor("tau");
    Tensor other = a.tensor("other");
    boolean left = a.flag("left", true);
    return Linalg.ormqr(a.self(), tau, other, left, a.flag("transpose", false));
  }

  /** A number as a 0-d tensor, if there is one. */
  static Optional<Tensor> tolerance(Arguments a, String name) {
    return a.peek(name) instanceof Number
        ? Optional.of(Torch.full(DType.F64, a.real(name)))
        : a.maybeTensor(name);
  }
}
