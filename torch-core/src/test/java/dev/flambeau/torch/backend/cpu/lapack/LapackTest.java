package dev.flambeau.torch.backend.cpu.lapack;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** OpenBLAS and the plain Java factorizations agree. */
class LapackTest {
  private static final double CLOSE = 1e-10;
  private static Lapack fast;
  private static final Lapack PLAIN = new JavaLapack();

  @BeforeAll
  static void load() {
    try {
      fast = OpenblasLapack.load();
    } catch (IOException | LinkageError e) {
      abort("OpenBLAS is not there: " + e);
    }
  }

  private static double[] random(int m, int n) {
    Random random = new Random(31L * m + n);
    return random.doubles((long) m * n, -1, 1).toArray();
  }

  private static double[] positive(int n) {
    double[] x = random(n, n);
    double[] a = new double[n * n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        for (int k = 0; k < n; k++) {
          a[i * n + j] += x[i * n + k] * x[j * n + k];
        }
      }
      a[i * n + i] += 0.1;
    }
    return a;
  }

  private static double[] symmetric(int n) {
    double[] a = random(n, n);
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < i; j++) {
        a[j * n + i] = a[i * n + j];
      }
    }
    return a;
  }

  @ParameterizedTest
  @CsvSource({"1", "4", "13", "60"})
  void cholesky(int n) {
    double[] a = positive(n);
    double[] b = a.clone();
    assertEquals(fast.potrf(a, n), PLAIN.potrf(b, n));
    assertArrayEquals(a, b, CLOSE);
    double[] bad = symmetric(n);
    bad[0] = 1;
    bad[n * n - 1] = -100;
    assertEquals(fast.potrf(bad.clone(), n), PLAIN.potrf(bad.clone(), n));
  }

  @ParameterizedTest
  @CsvSource({"1,1", "4,4", "13,7", "7,13", "60,60"})
  void luAndQr(int m, int n) {
    int k = Math.min(m, n);
    double[] a = random(m, n);
    double[] b = a.clone();
    int[] p = new int[k];
    int[] q = new int[k];
    assertEquals(fast.getrf(a, m, n, p), PLAIN.getrf(b, m, n, q));
    assertArrayEquals(p, q);
    assertArrayEquals(a, b, CLOSE);
    a = random(m, n);
    b = a.clone();
    double[] tau = new double[k];
    double[] other = new double[k];
    fast.geqrf(a, m, n, tau);
    PLAIN.geqrf(b, m, n, other);
    assertArrayEquals(a, b, CLOSE);
    assertArrayEquals(tau, other, CLOSE);
    if (m >= n) {
      fast.orgqr(a, m, n, k, tau);
      PLAIN.orgqr(b, m, n, k, other);
      assertArrayEquals(a, b, CLOSE);
    }
  }

  @ParameterizedTest
  @CsvSource({"1", "4", "13", "40"})
  void symmetricFactors(int n) {
    double[] a = symmetric(n);
    double[] b = a.clone();
    double[] values = new double[n];
    double[] others = new double[n];
    fast.syevd(a, n, values);
    PLAIN.syevd(b, n, others);
    assertArrayEquals(values, others, CLOSE);
    assertArrayEquals(product(a, values, n), product(b, others, n), CLOSE);
    a = symmetric(n);
    b = a.clone();
    int[] p = new int[n];
    int[] q = new int[n];
    assertEquals(fast.sytrf(a, n, p), PLAIN.sytrf(b, n, q));
    assertArrayEquals(p, q);
    for (int i = 0; i < n; i++) {
      for (int j = 0; j <= i; j++) {
        assertEquals(a[i * n + j], b[i * n + j], 1e-9);
      }
    }
  }

  /** V diag(w) V^T. */
  private static double[] product(double[] v, double[] w, int n) {
    double[] out = new double[n * n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        for (int k = 0; k < n; k++) {
          out[i * n + j] += v[i * n + k] * w[k] * v[j * n + k];
        }
      }
    }
    return out;
  }

  @ParameterizedTest
  @CsvSource({"1,1", "4,4", "13,7", "7,13", "5,0", "0,3", "40,40"})
  void singularValues(int m, int n) {
    int k = Math.min(m, n);
    for (boolean full : new boolean[] {false, true}) {
      int wide = full ? m : k;
      int tall = full ? n : k;
      for (Lapack lapack : new Lapack[] {fast, PLAIN}) {
        double[] u = new double[m * wide];
        double[] s = new double[k];
        double[] vt = new double[tall * n];
        lapack.gesdd(random(m, n), m, n, full, u, s, vt);
        double[] back = new double[m * n];
        for (int i = 0; i < m; i++) {
          for (int j = 0; j < n; j++) {
            for (int l = 0; l < k; l++) {
              back[i * n + j] += u[i * wide + l] * s[l] * vt[l * n + j];
            }
          }
        }
        assertArrayEquals(random(m, n), back, CLOSE);
        assertOrthonormal(u, m, wide);
      }
    }
  }

  private static void assertOrthonormal(double[] u, int m, int columns) {
    for (int a = 0; a < columns; a++) {
      for (int b = 0; b < columns; b++) {
        double dot = 0;
        for (int i = 0; i < m; i++) {
          dot += u[i * columns + a] * u[i * columns + b];
        }
        assertEquals(a == b ? 1 : 0, dot, CLOSE);
      }
    }
  }
}
