package dev.flambeau.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.OptionalLong;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Fourier transforms against the sum that defines them. */
class FftTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 7, 8, 12, 31, 64, 97, 1000})
  void isTheSumOfCosines(int n) {
    int kept = n / 2 + 1;
    double[] x = new double[kept];
    for (int k = 0; k < kept; k++) {
      x[k] = (k * 0.6180339887 + 0.2) % 1.0 - 0.5;
    }
    double[] expected = new double[n];
    for (int t = 0; t < n; t++) {
      for (int k = 0; k < kept; k++) {
        double weight = k == 0 || 2 * k == n ? 1 : 2;
        expected[t] += weight * x[k] * Math.cos(2 * Math.PI * ((long) k * t % n) / n);
      }
    }
    Tensor got = Fft.hfft(Torch.tensor(x), OptionalLong.of(n), 0, Fft.Norm.BACKWARD);
    assertArrayEquals(expected, got.toDoubleArray(), 1e-10 * n);
  }
}
