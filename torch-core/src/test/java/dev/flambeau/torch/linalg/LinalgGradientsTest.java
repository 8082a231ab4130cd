package dev.flambeau.torch.linalg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.autograd.Gradcheck;
import dev.flambeau.torch.op.Matrices;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** First and second derivatives of what {@link Linalg} offers, against differences. */
class LinalgGradientsTest {
  private record Check(Function<List<Tensor>, Tensor> function, long[]... shapes) {}

  private static long[] s(long... sizes) {
    return sizes;
  }

  private static Tensor symmetric(Tensor x) {
    return x.matmul(x.mT()).add(Matrices.eye(x, x.size(-2)));
  }

  private static Tensor both(Tensor a, Tensor b) {
    return Torch.cat(List.of(a.reshape(-1), b.reshape(-1)), 0);
  }

  private static Map<String, Check> checks() {
    Map<String, Check> all = new LinkedHashMap<>();
    all.put("cholesky", new Check(in -> Linalg.cholesky(symmetric(in.get(0)), false), s(2, 3, 3)));
    for (long[] shape : List.of(s(3, 3), s(2, 4), s(4, 2))) {
      String text = Arrays.toString(shape);
      all.put("lu " + text, new Check(in -> Linalg.luFactor(in.get(0), true).lu(), shape));
      all.put("qr " + text, new Check(in -> qr(in.get(0)), shape));
      all.put("pinv " + text, new Check(in -> Linalg.pinv(in.get(0)), shape));
      all.put("svd " + text, new Check(in -> svd(in.get(0)), shape));
    }
    all.put("eigh", new Check(in -> eigh(in.get(0)), s(3, 3)));
    all.put("det", new Check(in -> Linalg.det(in.get(0)), s(2, 3, 3)));
    all.put("logdet", new Check(in -> Linalg.slogdet(in.get(0)).logabsdet(), s(3, 3)));
    all.put("inv", new Check(in -> Linalg.inv(in.get(0)), s(3, 3)));
    all.put("solve", new Check(in -> Linalg.solve(in.get(0), in.get(1), true), s(3, 3), s(3, 2)));
    all.put(
        "triangular",
        new Check(
            in -> Linalg.solveTriangular(in.get(0), in.get(1), true, false, false),
            s(3, 3),
            s(2, 3)));
    all.put(
        "cholesky_solve",
        new Check(
            in -> Linalg.choleskySolve(in.get(1), lower(in.get(0)), false), s(3, 3), s(3, 2)));
    all.put("exp", new Check(in -> Linalg.matrixExp(in.get(0)), s(2, 2)));
    all.put("cond", new Check(in -> Linalg.cond(in.get(0), Optional.empty()), s(3, 3)));
    for (String ord : List.of("fro", "nuc", "2", "-2", "1", "-1", "inf", "-inf")) {
      all.put(
          "norm " + ord,
          new Check(in -> Linalg.matrixNorm(in.get(0), ord, new int[] {0, 2}, false), s(3, 2, 3)));
    }
    for (double p : new double[] {0.5, 1, 1.5, 2, 3, -1, Double.POSITIVE_INFINITY}) {
      all.put(
          "norm " + p,
          new Check(in -> Linalg.vectorNorm(in.get(0), p, new int[] {1}, true), s(2, 4)));
    }
    all.put(
        "einsum",
        new Check(
            in -> Torch.einsum("ij,jk,kl->il", in.toArray(Tensor[]::new)),
            s(2, 3),
            s(3, 4),
            s(4, 2)));
    all.put("corrcoef", new Check(in -> in.get(0).corrcoef(), s(3, 5)));
    return all;
  }

  private static Tensor lower(Tensor x) {
    Tensor eye = Matrices.eye(x, 3);
    return x.tril(-1).add(eye.mul(2));
  }

  private static Tensor qr(Tensor x) {
    Linalg.QR qr = Linalg.qr(x);
    return both(qr.q(), qr.r());
  }

  /** What does not depend on the vectors' signs. */
  private static Tensor svd(Tensor x) {
    Linalg.SVD svd = Linalg.svd(x, false);
    return both(svd.s(), svd.u().matmul(svd.vh()));
  }

  private static Tensor eigh(Tensor x) {
    Linalg.Eigen e = Linalg.eigh(x.add(x.mT()), false);
    return both(e.values(), e.vectors().square());
  }

  @TestFactory
  Stream<DynamicTest> gradients() {
    return checks().entrySet().stream()
        .map(e -> dynamicTest(e.getKey(), () -> check(e.getValue())));
  }

  private static void check(Check check) {
    Torch.manualSeed(5);
    List<Tensor> inputs = new ArrayList<>();
    for (long[] shape : check.shapes()) {
      inputs.add(Torch.randn(DType.F64, shape).requiresGrad(true));
    }
    Gradcheck.checkTwice(check.function(), inputs);
  }

  /** Cofactors exist where the inverse does not. */
  @Test
  void determinantOfSingularMatrix() {
    Tensor x = Torch.tensor(new double[] {1, 2, 2, 4}, 2, 2).requiresGrad(true);
    Linalg.det(x).backward();
    double[] g = x.grad().orElseThrow().toDoubleArray();
    double[] expected = {4, -2, -2, 1};
    for (int i = 0; i < 4; i++) {
      assertEquals(expected[i], g[i], 1e-12);
    }
  }
}
