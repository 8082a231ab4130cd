package dev.flambeau.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.OptionalLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
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

  @Test
  void windowsOfASignalGiveItBack() {
    Tensor signal = GradcheckTest.sample(-1, 1, 2, 2, 50).detach();
    Tensor weights = Torch.tensor(new double[] {0.2, 0.6, 1, 1, 0.8, 0.3, 0.4, 0.1});
    for (boolean center : new boolean[] {true, false}) {
      for (boolean half : new boolean[] {true, false}) {
        Consumer<StftOptions> options =
            o -> o.hop(2).window(weights).center(center).oneSided(half).normalized(half);
        Tensor spectra = Fft.stft(signal, 8, options);
        long[] sizes = {2, half ? 5 : 8, center ? 26 : 22, 2};
        assertArrayEquals(sizes, spectra.shape().sizes());
        Tensor back = Fft.istft(spectra, 8, options);
        assertArrayEquals(signal.toDoubleArray(), back.toDoubleArray(), 1e-12);
      }
    }
    Tensor gaps = Fft.stft(signal, 8, o -> o.hop(8).window(weights.narrow(0, 0, 6)));
    assertThrows(
        TorchException.ArgumentError.class,
        () -> Fft.istft(gaps, 8, o -> o.hop(8).window(weights.narrow(0, 0, 6))));
  }
}
