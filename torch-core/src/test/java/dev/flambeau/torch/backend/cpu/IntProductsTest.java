package dev.flambeau.torch.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.dispatch.Dispatcher;
import dev.flambeau.torch.op.IntConv;
import dev.flambeau.torch.op.IntMatMul;
import dev.flambeau.torch.op.Rescaled;
import dev.flambeau.torch.op.Structured;
import dev.flambeau.torch.op.Window;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Native products of integers, and those by floats, against plain Java: to the last bit. */
class IntProductsTest {
  private static final long[] SIZES = {1, 4, 6, 13, 25, 207};
  private static final DType[] BYTES = {DType.U8, DType.I8};

  @TempDir Path folder;

  private static Tensor bytes(int seed, DType type, long... sizes) {
    Torch.manualSeed(seed);
    return Torch.rand(sizes).mul(256).floor().to(DType.I32).to(type);
  }

  /** Numbers of a type, some of them its ends. */
  private static Tensor zeros(int seed, DType type, long... sizes) {
    return bytes(seed, type, sizes).to(DType.I32);
  }

  private static Tensor number(long value) {
    return Torch.full(DType.I32, value);
  }

  private static void check(Structured op, Tensor... in) {
    Tensor fast = Dispatcher.call(op, in);
    Tensor expected = fast.emptyLike();
    if (op instanceof IntConv conv) {
      IntKernels.conv(conv, in, expected);
    } else {
      IntKernels.matmul(in, expected);
    }
    String what = op + " of " + in[0].meta() + ", " + in[1].meta();
    assertArrayEquals(expected.toLongArray(), fast.toLongArray(), what);
    Tensor floats = Torch.noGrad(() -> op.decompose(in).orElseThrow()[0]);
    assertArrayEquals(expected.toLongArray(), floats.toLongArray(), "by floats: " + what);
  }

  @Test
  void matrices() {
    int n = 0;
    for (long rows : SIZES) {
      for (long inner : SIZES) {
        for (long columns : new long[] {1, 6, 25, 207}) {
          DType a = BYTES[n % 2];
          DType b = BYTES[n / 2 % 2];
          Tensor zero = n % 3 == 0 ? number(0) : zeros(n, a);
          Tensor other = n % 5 == 0 ? zeros(n, b, columns) : n % 5 < 3 ? number(0) : zeros(n, b);
          check(
              new IntMatMul(n % 7 > 2),
              bytes(n, a, rows, inner),
              bytes(n + 1, b, inner, columns),
              zero,
              other);
          n++;
        }
      }
    }
  }

  @Test
  void batchesViewsAndZeroPointsOfRows() {
    IntMatMul op = new IntMatMul(false);
    Tensor a = bytes(1, DType.U8, 4, 1, 13, 25);
    Tensor b = bytes(2, DType.I8, 3, 25, 6);
    check(op, a, b, number(7), number(-3));
    check(op, a, bytes(2, DType.U8, 25, 6), number(7), number(128));
    check(op, a, b, zeros(3, DType.U8, 13, 1), zeros(4, DType.I8, 6));
    check(op, a, b, zeros(3, DType.U8, 4, 1, 13, 1), zeros(4, DType.I8, 3, 1, 6));
    check(
        op, bytes(1, DType.I8, 25, 13).mT(), bytes(2, DType.U8, 6, 25).mT(), number(1), number(9));
    for (boolean weight : new boolean[] {false, true}) {
      check(
          new IntMatMul(weight),
          bytes(1, DType.U8, 5, 40).narrow(1, 3, 25),
          bytes(2, DType.U8, 25, 30).narrow(1, 7, 13),
          number(200),
          number(128));
      check(
          new IntMatMul(weight),
          bytes(1, DType.U8, 2, 16, 3, 8).permute(0, 2, 1, 3),
          bytes(2, DType.I8, 13, 8).mT(),
          number(200),
          number(0));
    }
    check(
        op,
        bytes(1, DType.U8, 6, 4),
        bytes(2, DType.I8, 1, 4, 1).expand(3, 4, 5),
        number(1),
        number(0));
    check(op, bytes(1, DType.U8, 6, 0), bytes(2, DType.I8, 0, 4), number(1), number(0));
    check(op, bytes(1, DType.U8, 0, 6), bytes(2, DType.I8, 6, 4), number(1), number(0));
  }

  /** Pairs of such products do not fit in 16 bits, where old instructions add them. */
  @Test
  void extremesDoNotSaturate() {
    for (DType type : BYTES) {
      for (long value : new long[] {-128, -127, 127}) {
        for (long inner : SIZES) {
          Tensor a = Torch.full(type, type == DType.U8 ? 255 : -128, 13, inner);
          Tensor b = Torch.full(DType.I8, value, inner, 25);
          check(new IntMatMul(true), a, b, number(0), number(0));
        }
        Window window = Window.of(2, new long[] {1}, new long[] {1}, new long[] {1});
        Tensor x = Torch.full(type, type == DType.U8 ? 255 : -128, 1, 25, 6, 6);
        Tensor w = Torch.full(DType.I8, value, 13, 25, 3, 3);
        check(new IntConv(window, 1), x, w, number(0), number(0));
      }
    }
  }

  private static IntConv conv(long stride, long padding, long dilation, int axes, long groups) {
    long[] pads = {padding};
    return new IntConv(Window.of(axes, new long[] {stride}, pads, new long[] {dilation}), groups);
  }

  @Test
  void convolutions() {
    int n = 0;
    for (DType type : BYTES) {
      for (DType weight : BYTES) {
        for (int zeros = 0; zeros < 4; zeros++) {
          convolutions(n++, type, weight, zeros);
        }
      }
    }
  }

  /** The weight's zero point: none, one, one a channel, or what says that there is none. */
  private static Tensor zero(int kind, DType type, long channels) {
    return switch (kind) {
      case 0 -> number(0);
      case 1 -> zeros(5, type);
      case 2 -> zeros(6, type, channels);
      default -> Torch.full(DType.I32, type == DType.U8 ? 128 : 0, channels);
    };
  }

  private static void convolutions(int seed, DType a, DType b, int zeros) {
    Tensor z = zeros % 2 == 0 ? number(0) : zeros(seed, a);
    check(
        conv(1, 1, 1, 2, 1),
        bytes(1, a, 2, 3, 9, 7),
        bytes(2, b, 5, 3, 3, 3),
        z,
        zero(zeros, b, 5));
    check(
        conv(2, 3, 1, 2, 1),
        bytes(1, a, 2, 3, 25, 22).channelsLast(),
        bytes(2, b, 16, 3, 7, 7),
        z,
        zero(zeros, b, 16));
    check(
        conv(1, 2, 2, 2, 8),
        bytes(1, a, 2, 8, 13, 6),
        bytes(2, b, 8, 1, 3, 3),
        z,
        zero(zeros, b, 8));
    check(
        conv(2, 1, 1, 2, 2),
        bytes(1, a, 1, 6, 8, 8),
        bytes(2, b, 8, 3, 3, 3),
        z,
        zero(zeros, b, 8));
    check(
        conv(1, 0, 1, 2, 1),
        bytes(1, a, 1, 25, 4, 1),
        bytes(2, b, 13, 25, 1, 1),
        z,
        zero(zeros, b, 13));
    check(
        conv(1, 1, 1, 2, 1),
        bytes(1, a, 2, 6, 9, 12).narrow(1, 1, 3).narrow(3, 2, 7),
        bytes(2, b, 4, 3, 3, 3),
        z,
        zero(zeros, b, 4));
    check(conv(2, 1, 1, 1, 1), bytes(1, a, 2, 4, 16), bytes(2, b, 6, 4, 3), z, zero(zeros, b, 6));
    check(
        conv(1, 1, 1, 3, 1),
        bytes(1, a, 1, 2, 4, 6, 5),
        bytes(2, b, 3, 2, 3, 2, 3),
        z,
        zero(zeros, b, 3));
    Window uneven = new Window(List.of(2L, 1L), List.of(0L, 2L), List.of(1L, 0L), List.of(1L, 3L));
    check(
        new IntConv(uneven, 1),
        bytes(1, a, 1, 16, 8, 8).channelsLast(),
        bytes(2, b, 32, 16, 2, 3),
        z,
        zero(zeros, b, 32));
  }

  @Test
  void weightsThatChangeArePackedAgain() {
    Tensor a = bytes(1, DType.U8, 13, 64);
    for (DType type : BYTES) {
      Tensor w = bytes(2, type, 64, 48);
      check(new IntMatMul(true), a, w, number(3), number(0));
      w.fill_(5);
      check(new IntMatMul(true), a, w, number(3), number(0));
    }
  }

  /** Results that differ by one must lie beside a half; how many there are. */
  private static int compare(Rescaled op, Tensor... in) {
    Tensor fast = Dispatcher.call(op, in);
    Tensor slow = Torch.noGrad(() -> op.decompose(in).orElseThrow()[0]);
    assertEquals(slow.dtype(), fast.dtype());
    assertEquals(slow.shape(), fast.shape());
    double[] x = fast.toDoubleArray();
    double[] y = slow.toDoubleArray();
    if (!op.rounds()) {
      for (int i = 0; i < x.length; i++) {
        // Both round the product and the sum with the bias, perhaps not in one place.
        assertEquals(y[i], x[i], 2e-6 * (1 + Math.abs(y[i])), op + " at " + i);
      }
      return 0;
    }
    Rescaled exact = new Rescaled(op.base(), op.bias(), op.low(), op.high(), DType.F32);
    Tensor[] without = Arrays.copyOf(in, in.length - 1);
    double[] steps = Torch.noGrad(() -> exact.decompose(without).orElseThrow()[0]).toDoubleArray();
    int other = 0;
    for (int i = 0; i < x.length; i++) {
      if (x[i] != y[i]) {
        double gap = Math.abs(steps[i] - Math.floor(steps[i]) - 0.5);
        assertTrue(Math.abs(x[i] - y[i]) == 1 && gap < 1e-4, op + " at " + i + ": " + steps[i]);
        other++;
      }
    }
    return other;
  }

  @Test
  void rescaled() {
    double none = Double.NEGATIVE_INFINITY;
    double[][] bounds = {{none, -none}, {0, -none}, {-3, 20.5}};
    for (DType result : new DType[] {DType.F32, DType.U8, DType.I8}) {
      for (double[] bound : bounds) {
        for (boolean bias : new boolean[] {false, true}) {
          rescaled(result, bound, bias, true);
          rescaled(result, bound, bias, false);
        }
      }
    }
  }

  private static void rescaled(DType result, double[] bounds, boolean bias, boolean vector) {
    List<Structured> bases = List.of(new IntMatMul(true), conv(1, 1, 1, 2, 1), conv(1, 1, 1, 2, 5));
    for (Structured base : bases) {
      boolean matrices = base instanceof IntMatMul;
      boolean grouped = base instanceof IntConv c && c.groups() > 1;
      List<Tensor> in = new ArrayList<>();
      in.add(matrices ? bytes(1, DType.U8, 2, 13, 64) : bytes(1, DType.I8, 2, 10, 9, 7));
      in.add(
          bytes(
              2,
              DType.I8,
              matrices ? new long[] {64, 25} : new long[] {25, grouped ? 2 : 10, 3, 3}));
      in.add(number(5));
      in.add(number(0));
      Tensor scale = vector ? Torch.rand(25).mul(1e-3).add(1e-4) : Torch.full(DType.F32, 7e-4);
      in.add(scale);
      if (bias) {
        in.add(Torch.randn(25).mul(20));
      }
      if (result != DType.F32) {
        in.add(number(result == DType.U8 ? 101 : -7));
      }
      compare(new Rescaled(base, bias, bounds[0], bounds[1], result), in.toArray(Tensor[]::new));
    }
  }

  /** Halves go to the even step, before the zero point makes it odd. */
  @Test
  void halvesAreRoundedToEven() {
    Tensor a = Torch.arange(64).to(DType.U8).reshape(64, 1);
    Tensor b = Torch.full(DType.I8, 1, 1, 16);
    Tensor half = Torch.full(DType.F32, 0.5);
    for (long zero : new long[] {0, 1, 100, 101}) {
      Rescaled op = new Rescaled(new IntMatMul(true), false, DType.U8);
      double[] got =
          Dispatcher.call(op, a, b, number(30), number(0), half, number(zero)).toDoubleArray();
      for (int i = 0; i < got.length; i++) {
        double step = Math.rint((i / 16 - 30) * 0.5) + zero;
        assertEquals(Math.clamp(step, 0, 255), got[i], "zero point " + zero + ", element " + i);
      }
    }
  }

  @Test
  void errorsNameTheArgument() {
    Tensor a = bytes(1, DType.U8, 3, 4);
    Tensor b = bytes(2, DType.I8, 4, 5);
    IntMatMul op = new IntMatMul(false);
    assertThrows(
        TorchException.TypeError.class,
        () -> Dispatcher.call(op, a.to(DType.I32), b, number(0), number(0)));
    assertThrows(
        TorchException.TypeError.class,
        () -> Dispatcher.call(op, a, b, number(0), Torch.full(DType.I8, 0)));
    assertThrows(
        TorchException.ShapeError.class, () -> Dispatcher.call(op, a, a, number(0), number(0)));
    assertThrows(
        TorchException.ShapeError.class,
        () -> Dispatcher.call(op, a, b, number(0), Torch.full(DType.I32, 0, 4)));
    Rescaled rescaled = new Rescaled(op, false, DType.F32);
    Tensor scale = Torch.full(DType.F32, 0.1).requiresGrad(true);
    Tensor y = Dispatcher.call(rescaled, a, b, number(0), number(0), scale);
    TorchException e = assertThrows(TorchException.GradientError.class, () -> y.sum().backward());
    assertTrue(e.getMessage().contains("int_matmul"), e.getMessage());
  }

  /** All of the above in a process of its own. */
  static final class Alone {
    private Alone() {}

    public static void main(String[] args) {
      IntProductsTest test = new IntProductsTest();
      test.matrices();
      test.batchesViewsAndZeroPointsOfRows();
      test.extremesDoNotSaturate();
      test.convolutions();
      test.rescaled();
      test.halvesAreRoundedToEven();
      System.out.println("all the same");
    }
  }

  private void passes(String isa, String... flags) throws IOException, InterruptedException {
    Path output = folder.resolve("output");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-Xmx2g"));
    command.addAll(List.of(flags));
    String path = System.getProperty("java.class.path");
    command.addAll(List.of("-cp", System.getProperty("surefire.test.class.path", path)));
    command.add(Alone.class.getName());
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
    builder.environment().put("ONEDNN_MAX_CPU_ISA", isa);
    Process process = builder.start();
    boolean ended = process.waitFor(5, TimeUnit.MINUTES);
    process.destroyForcibly();
    String text = Files.readString(output);
    assertTrue(ended && text.contains("all the same"), text);
  }

  @Test
  void onProcessorsWithoutVnni() throws IOException, InterruptedException {
    passes("AVX2");
    passes("AVX512_CORE");
  }

  @Test
  void onProcessorsWithoutAmx() throws IOException, InterruptedException {
    passes("AVX512_CORE_VNNI");
    passes("AVX2_VNNI");
  }

  @Test
  void withoutNativeLibraries() throws IOException, InterruptedException {
    passes("DEFAULT", "-Dflambeau.natives=off");
  }
}
