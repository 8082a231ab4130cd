package dev.flambeau.torch.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.dispatch.Dispatcher;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Quantization against its formula, in all types, sizes and layouts. */
class QuantizeTest {
  private static final long[] SIZES = {0, 1, 4, 6, 8, 13, 16, 25, 207, 513, 4098, 40_000};

  private static final List<UnaryOperator<Tensor>> LAYOUTS =
      List.of(
          t -> t,
          t -> t.reshape(1, -1).t(),
          t -> Torch.stack(List.of(t, t.mul(2)), 1).select(1, 0),
          t -> t.numel() == 0 ? t : t.narrow(0, 0, 1).expand(t.numel()));

  private static Tensor number(double value) {
    return Torch.full(DType.F32, value);
  }

  private static Tensor sample(long size) {
    Torch.manualSeed(size);
    return Torch.randn(size).mul(40);
  }

  private static void check(Tensor x, double scale, long zero, DType type, long low, long high) {
    Quantize op = Quantize.to(type, low, high);
    Tensor got = Dispatcher.call(op, x, number(scale), Torch.full(DType.I32, zero));
    assertEquals(type, got.dtype());
    assertEquals(x.shape(), got.shape());
    double[] from = x.toDoubleArray();
    double[] y = got.toDoubleArray();
    for (int i = 0; i < y.length; i++) {
      // The quotient is rounded once, to F32.
      double steps = Math.rint((float) from[i] / (float) scale) + zero;
      assertEquals(Math.clamp(steps, low, high), y[i], op + " of " + from[i] + " by " + scale);
    }
  }

  @Test
  void quantizes() {
    int n = 0;
    for (long size : SIZES) {
      for (double scale : new double[] {0.5, 0.37, 1.0 / 3, 3e-3, 25}) {
        Tensor x = LAYOUTS.get(n++ % LAYOUTS.size()).apply(sample(size));
        check(x, scale, 128, DType.U8, 0, 255);
        check(x, scale, -7, DType.I8, -128, 127);
        check(x, scale, 8, DType.U8, 0, 15);
        check(x, scale, 1000, DType.I32, 0, 65535);
        check(x, scale, 3, DType.I16, -32768, 32767);
      }
    }
  }

  /** Quotients that lie beside a half, where a factor in the place of a divisor would be seen. */
  @Test
  void quotientsAreThoseOfADivision() {
    for (double scale : new double[] {0.1, 0.3, 0.7, 1.1, 0.0123, 17.3}) {
      float[] values = new float[3 * 256];
      for (int i = 0; i < 256; i++) {
        float half = (float) ((i - 128 + 0.5) * scale);
        values[3 * i] = Math.nextDown(half);
        values[3 * i + 1] = half;
        values[3 * i + 2] = Math.nextUp(half);
      }
      check(Torch.tensor(values, values.length), scale, 0, DType.I8, -128, 127);
    }
  }

  @Test
  void extremesAndOddScales() {
    double[] values = {
      0,
      -0.0,
      1e30,
      -1e30,
      3e38,
      -3e38,
      1e-40,
      Double.POSITIVE_INFINITY,
      Double.NEGATIVE_INFINITY,
      1,
      2,
      3,
      4,
      5,
      6,
      7,
      8,
      9
    };
    Tensor x = Torch.tensor(values, values.length).to(DType.F32);
    for (double scale : new double[] {1, 1e-38, 1e-40, 1e38, 1e-30}) {
      check(x, scale, 100, DType.U8, 0, 255);
    }
  }

  @Test
  void scalesAndZeroPointsOfChannels() {
    Tensor x = sample(6 * 25).reshape(6, 25);
    Tensor scale = Torch.rand(6).add(0.1).reshape(6, 1);
    Tensor zero = Torch.arange(6).reshape(6, 1).to(DType.U8);
    Tensor got = Dispatcher.call(Quantize.to(DType.U8, 0, 255), x, scale, zero);
    for (int r = 0; r < 6; r++) {
      for (int c = 0; c < 25; c++) {
        double steps = Math.rint((float) x.at(r, c) / (float) scale.at(r, 0)) + r;
        assertEquals(Math.clamp(steps, 0, 255), got.at(r, c));
      }
    }
  }

  /** An operator between integers is what its three parts are. */
  @Test
  void betweenIntegers() {
    for (DType type : new DType[] {DType.U8, DType.I8}) {
      for (long size : SIZES) {
        Tensor a = sample(size).clamp(-100, 100).abs().floor().to(type);
        Tensor b = sample(size + 1).narrow(0, 0, size).clamp(-100, 100).abs().floor().to(type);
        Tensor[] in = {
          a,
          number(0.3),
          Torch.full(type, 5),
          b,
          number(0.7),
          Torch.full(type, 9),
          number(0.9),
          Torch.full(type, 50)
        };
        long low = type == DType.U8 ? 0 : -128;
        Quantize op = Quantize.between(Pointwise.ADD, type, low, low + 255);
        Tensor sum =
            a.to(DType.F32).sub(5).mul(number(0.3)).add(b.to(DType.F32).sub(9).mul(number(0.7)));
        Quantize plain = Quantize.to(type, low, low + 255);
        assertArrayEquals(
            Dispatcher.call(plain, sum, in[6], in[7]).toLongArray(),
            Dispatcher.call(op, in).toLongArray());
        assertArrayEquals(
            op.decompose(in).orElseThrow()[0].toLongArray(), Dispatcher.call(op, in).toLongArray());
      }
    }
  }

  @Test
  void dynamicRanges() {
    int n = 0;
    for (long size : SIZES) {
      for (double shift : new double[] {0, 300, -300}) {
        if (size == 0) {
          continue;
        }
        Tensor x = LAYOUTS.get(n++ % LAYOUTS.size()).apply(sample(size).add(shift));
        Tensor[] got = Dispatcher.callAll(new QuantizeDynamic(), x);
        float low = (float) Math.min(0, x.amin().item());
        float high = (float) Math.max(0, x.amax().item());
        float scale = (high - low) / 255;
        assertEquals(scale, got[1].item());
        assertEquals(Math.rint(-low / scale) + 0.0, got[2].item());
        check(x, scale, got[2].itemLong(), DType.U8, 0, 255);
        Tensor[] slow = new QuantizeDynamic().decompose(new Tensor[] {x}).orElseThrow();
        for (int i = 0; i < 3; i++) {
          assertArrayEquals(slow[i].toDoubleArray(), got[i].toDoubleArray());
        }
      }
    }
    Tensor[] none = Dispatcher.callAll(new QuantizeDynamic(), Torch.zeros(25));
    assertEquals(1, none[1].item());
    assertEquals(0, none[0].to(DType.I64).sum().itemLong());
  }

  @Test
  void poolsOfBytes() {
    for (DType type : new DType[] {DType.U8, DType.I8}) {
      for (boolean ceil : new boolean[] {false, true}) {
        for (long channels : new long[] {1, 4, 13, 25}) {
          long[] two = {2};
          long[] one = {1};
          Window window = Window.of(2, two, one, one);
          MaxPool.OfBytes op = new MaxPool.OfBytes(new MaxPool(List.of(3L, 3L), window, ceil));
          Torch.manualSeed(channels);
          Tensor x = Torch.rand(2, channels, 9, 8).mul(256).floor().to(DType.I32).to(type);
          for (Tensor in : List.of(x, x.channelsLast(), x.narrow(3, 1, 6))) {
            assertArrayEquals(
                op.decompose(new Tensor[] {in}).orElseThrow()[0].toLongArray(),
                Dispatcher.call(op, in).toLongArray());
          }
        }
      }
    }
  }

  /** Conversions between floats and integers, which vectors do sixteen at a time. */
  @Test
  void conversions() {
    for (long size : SIZES) {
      Tensor x = sample(size).mul(5);
      double[] values = x.toDoubleArray();
      long[] bytes = x.to(DType.I8).toLongArray();
      long[] unsigned = x.to(DType.U8).toLongArray();
      double[] back = x.to(DType.I8).to(DType.F32).toDoubleArray();
      double[] ints = x.mul(1e6).to(DType.I32).to(DType.F32).toDoubleArray();
      double[] large = x.mul(1e6).toDoubleArray();
      for (int i = 0; i < values.length; i++) {
        assertEquals((byte) (long) values[i], bytes[i]);
        assertEquals((long) values[i] & 0xff, unsigned[i]);
        assertEquals(bytes[i], back[i]);
        assertEquals((float) (int) large[i], ints[i]);
      }
    }
    float[] odd = {Float.NaN, 3e9f, -3e9f, 1e30f, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
    long[] got = Torch.tensor(odd, odd.length).to(DType.U8).toLongArray();
    for (int i = 0; i < odd.length; i++) {
      assertEquals((long) odd[i] & 0xff, got[i], "" + odd[i]);
    }
  }

  @Test
  void rounding() {
    double[] values = {
      0.5,
      1.5,
      2.5,
      -0.5,
      -1.5,
      -0.2,
      8388607.5,
      8388608.5,
      -8388609,
      1e20,
      -1e20,
      0,
      3.49,
      -3.51,
      Double.POSITIVE_INFINITY,
      Double.NEGATIVE_INFINITY,
      Double.NaN
    };
    Tensor x = Torch.tensor(values, values.length).to(DType.F32);
    double[] in = x.toDoubleArray();
    double[] got = x.round().toDoubleArray();
    for (int i = 0; i < in.length; i++) {
      assertEquals(Math.rint(in[i]), got[i], "" + in[i]);
    }
  }

  @Test
  void errors() {
    assertThrows(TorchException.TypeError.class, () -> Quantize.to(DType.F32, 0, 1));
    assertThrows(
        TorchException.TypeError.class,
        () -> Dispatcher.call(new QuantizeDynamic(), Torch.zeros(DType.I32, 3)));
    assertThrows(
        TorchException.ShapeError.class,
        () -> Dispatcher.call(new QuantizeDynamic(), Torch.zeros(0)));
  }
}
