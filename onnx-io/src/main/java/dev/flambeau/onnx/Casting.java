package dev.flambeau.onnx;

import static dev.flambeau.onnx.Registry.since;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.backend.Memory;
import java.lang.foreign.MemorySegment;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Conversions between element types. */
final class Casting {
  private Casting() {}

  static void register(Registry r) {
    r.values("Cast", c -> cast(c.value(0), c.node().element("to", ElementType.FLOAT), c));
    r.values("CastLike", since(15), c -> cast(c.value(0), c.element(1), c));
    r.values("BitCast", since(26), Casting::bitCast);
  }

  /** The value in another type, with the node's attributes about saturation and rounding. */
  static OnnxValue[] cast(OnnxValue value, ElementType to, Call c) {
    OnnxValue result =
        switch (value) {
          case OnnxValue.Texts t -> to == ElementType.STRING ? t : parse(t, to, c);
          case OnnxValue.Numbers n -> to == ElementType.STRING ? text(n, c) : numbers(n, to, c);
          default -> throw c.bad("input", value.describe(), "a tensor");
        };
    return new OnnxValue[] {result};
  }

  private static OnnxValue numbers(OnnxValue.Numbers n, ElementType to, Call c) {
    Tensor x = n.tensor();
    DType stored = to.require("ONNX Cast");
    if (to == n.type()) {
      return n;
    }
    if (n.type() == ElementType.UINT64 && to.isFloat()) {
      x = unsigned(x);
    }
    if (to == ElementType.FLOAT16) {
      return new OnnxValue.Numbers(x.to(DType.F16).to(DType.F32), to);
    }
    if (to.isTiny()) {
      boolean saturate = c.node().flag("saturate", true);
      return rounded(x.to(DType.F32), to, saturate, c.node().s("round_mode", "up"));
    }
    if (to == ElementType.UINT64 && x.dtype().isFloat()) {
      double top = 0x1p63;
      Tensor big = x.ge(top);
      Tensor low = Torch.where(big, x.sub(top), x).to(DType.I64);
      return new OnnxValue.Numbers(
          Torch.where(big, low.bitwiseXor(Long.MIN_VALUE), low), ElementType.UINT64);
    }
    if (to.isNarrow() && !x.dtype().isFloat()) {
      x = to.wrap(x.to(DType.I64));
    } else if (to.bits() < 8 || to.isNarrow()) {
      x = to.wrap(x.to(DType.I64));
    } else if (to.bits() == 8 && x.dtype().isFloat() && to != ElementType.BOOL) {
      x = x.to(DType.I64);
    }
    return new OnnxValue.Numbers(x.to(stored), to);
  }

  /** Bits of UINT64 as the number they stand for. */
  static Tensor unsigned(Tensor x) {
    Tensor real = x.to(DType.F64);
    return Torch.where(x.lt(0), real.add(0x1p64), real);
  }

  /** Each element's nearest number of a float type of 8 or 4 bits. */
  static OnnxValue rounded(Tensor x, ElementType to, boolean saturate, String rounding) {
    double[] values = Call.doubles(x);
    Tensor out = Torch.empty(DType.F32, x.shape().sizes());
    for (int i = 0; i < values.length; i++) {
      Memory.real(
          DType.F32, out.address() + 4L * i, Small.rounded(to, values[i], saturate, rounding));
    }
    return new OnnxValue.Numbers(out, to);
  }

  private static OnnxValue parse(OnnxValue.Texts texts, ElementType to, Call c) {
    DType stored = to.require("ONNX Cast");
    boolean integer = !stored.isFloat();
    Tensor out = Torch.empty(integer ? DType.I64 : DType.F64, texts.shape().sizes());
    for (int i = 0; i < texts.strings().size(); i++) {
      String text = texts.strings().get(i).strip();
      try {
        long at = out.address() + 8L * i;
        if (integer && text.matches("[+-]?\\d+")) {
          Memory.integer(DType.I64, at, Long.parseLong(text));
        } else {
          Memory.real(out.dtype(), at, number(text));
        }
      } catch (NumberFormatException e) {
        throw c.bad("input", '"' + text + '"', "a number as text");
      }
    }
    return numbers(new OnnxValue.Numbers(out, ElementType.of(out.dtype())), to, c);
  }

  private static double number(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "inf", "+inf", "infinity", "+infinity" -> Double.POSITIVE_INFINITY;
      case "-inf", "-infinity" -> Double.NEGATIVE_INFINITY;
      case "nan" -> Double.NaN;
      default -> Double.parseDouble(text);
    };
  }

  private static OnnxValue text(OnnxValue.Numbers n, Call c) {
    List<String> out = new ArrayList<>();
    Limits.checked(c.name(), n.tensor().numel());
    if (n.type() == ElementType.BOOL) {
      Arrays.stream(Call.doubles(n.tensor())).forEach(v -> out.add(v != 0 ? "True" : "False"));
    } else if (n.tensor().dtype().isFloat()) {
      boolean wide = n.type() == ElementType.DOUBLE;
      Arrays.stream(Call.doubles(n.tensor())).forEach(v -> out.add(shortest(v, wide)));
    } else {
      for (long v : n.tensor().to(DType.I64).toLongArray()) {
        out.add(n.type() == ElementType.UINT64 ? Long.toUnsignedString(v) : Long.toString(v));
      }
    }
    return new OnnxValue.Texts(out, n.tensor().shape());
  }

  /** Few digits that read back as the same number, as NumPy writes them. */
  private static String shortest(double value, boolean wide) {
    if (Double.isNaN(value)) {
      return "nan";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "inf" : "-inf";
    }
    String java = wide ? Double.toString(value) : Float.toString((float) value);
    BigDecimal exact = new BigDecimal(java);
    double size = Math.abs(value);
    if (size == 0 || size >= 1e-4 && size < 1e16) {
      String plain = exact.stripTrailingZeros().toPlainString();
      return plain.contains(".") ? plain : plain + ".0";
    }
    String[] parts = java.split("E");
    int exponent = Integer.parseInt(parts[1]);
    String mantissa =
        parts[0].endsWith(".0") ? parts[0].substring(0, parts[0].length() - 2) : parts[0];
    return "%se%s%02d".formatted(mantissa, exponent < 0 ? "-" : "+", Math.abs(exponent));
  }

  /** The same bits seen as a type of the same width. */
  private static OnnxValue[] bitCast(Call c) {
    ElementType from = c.element(0);
    ElementType to = c.node().element("to", ElementType.FLOAT);
    if (from.bits() != to.bits() || from.stored().isEmpty() || to.stored().isEmpty()) {
      throw c.bad("to", to, "a type of " + from.bits() + " bits as " + from);
    }
    Tensor x = c.in(0).detach().contiguous();
    byte[] bytes = new Bits(from).bytes(x);
    Tensor out =
        TensorReader.raw(
            MemorySegment.ofArray(bytes),
            to,
            to.stored().orElseThrow(),
            x.numel(),
            x.shape().sizes(),
            "ONNX BitCast");
    return new OnnxValue[] {new OnnxValue.Numbers(out, to)};
  }

  /** Elements as files have them in raw_data. */
  record Bits(ElementType type) {
    byte[] bytes(Tensor x) {
      DType stored = x.dtype();
      int bits = type.bits();
      byte[] out = new byte[Math.toIntExact(Math.ceilDiv(x.numel() * bits, 8L))];
      for (int i = 0; i < x.numel(); i++) {
        long code = code(stored, x.address() + (long) i * stored.bytes());
        long bit = (long) i * bits;
        for (int k = 0; k < Math.max(8, bits); k += 8) {
          out[(int) ((bit + k) / 8)] |= (byte) ((code >> k & 0xff) << bit % 8);
        }
      }
      java.lang.ref.Reference.reachabilityFence(x);
      return out;
    }

    private long code(DType stored, long address) {
      return switch (type) {
        case FLOAT -> Memory.ALL.get(Memory.INT, address);
        case DOUBLE -> Memory.ALL.get(Memory.LONG, address);
        case BFLOAT16 -> Memory.ALL.get(Memory.SHORT, address);
        case FLOAT16 -> Float.floatToFloat16((float) Memory.real(stored, address));
        default ->
            type.bits() < 8 || type.isTiny()
                ? Small.code(type, address)
                : Memory.integer(stored, address);
      };
    }
  }
}
