package dev.flambeau.torch.serialize;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Device;
import dev.flambeau.torch.Layout;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What stands before the elements. Format: numpy/lib/format.py. */
record NpyHeader(DType type, boolean big, boolean columns, Shape shape) {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final int MAX_BYTES = 1 << 16;
  private static final int MAX_RANK = 32;
  private static final Pattern TYPE = Pattern.compile("'descr': *'([<>|=])([a-zA-Z]\\d+)'");
  private static final Pattern ANY_TYPE = Pattern.compile("'descr': *(.{0,40})");
  private static final Pattern ORDER = Pattern.compile("'fortran_order': *(True|False)");
  private static final Pattern SHAPE = Pattern.compile("'shape': *\\(([0-9, L]*)\\)");

  /**
   * Reads a header.
   *
   * @param bytes how many the array takes with its header
   */
  static NpyHeader read(ReadableByteChannel in, long bytes, String label) throws IOException {
    ByteBuffer start = take(in, MAGIC.length + 2, label);
    for (byte b : MAGIC) {
      if (start.get() != b) {
        throw TorchException.format(label, "it does not start with NumPy's magic number");
      }
    }
    int version = start.get();
    if (version < 1 || version > 3) {
      throw TorchException.format(label, "npy version " + version + "; allowed: 1, 2 and 3");
    }
    int width = version == 1 ? 2 : 4;
    ByteBuffer length = take(in, width, label);
    long headerBytes = width == 2 ? length.getShort() & 0xffff : length.getInt() & 0xffffffffL;
    if (headerBytes > MAX_BYTES) {
      throw TorchException.format(
          label, "its header has " + headerBytes + " bytes; allowed: " + MAX_BYTES);
    }
    Charset charset = version == 3 ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1;
    String text = charset.decode(take(in, (int) headerBytes, label)).toString();
    return parse(text, bytes - MAGIC.length - 2 - width - headerBytes, label);
  }

  private static NpyHeader parse(String text, long dataBytes, String label) {
    Matcher type = TYPE.matcher(text);
    Matcher order = ORDER.matcher(text);
    Matcher sizes = SHAPE.matcher(text);
    if (!type.find()) {
      Matcher any = ANY_TYPE.matcher(text);
      throw refusedType(label, any.find() ? any.group(1) : "missing");
    }
    if (!order.find() || !sizes.find()) {
      throw TorchException.format(label, "its header lacks fortran_order or shape");
    }
    DType dtype = type(type.group(2), label);
    String[] parts = sizes.group(1).isBlank() ? new String[0] : sizes.group(1).split(",");
    if (parts.length > MAX_RANK) {
      throw TorchException.format(label, parts.length + " axes; allowed: " + MAX_RANK);
    }
    long[] shape = new long[parts.length];
    long numel = 1;
    for (int i = 0; i < shape.length; i++) {
      shape[i] = size(parts[i].strip(), label);
      // A size of 0 makes the rest harmless, but not for the check of overflow.
      if (shape[i] > 0 && numel > Long.MAX_VALUE / 16 / shape[i]) {
        throw TorchException.format(label, "its shape has more elements than fit");
      }
      numel *= Math.max(shape[i], 1);
    }
    Shape checked = Shape.of(shape);
    if (checked.numel() * dtype.bytes() > dataBytes) {
      throw TorchException.format(
          label, checked + " of " + dtype + " do not fit in the " + dataBytes + " bytes there are");
    }
    boolean columns = order.group(1).equals("True");
    return new NpyHeader(dtype, type.group(1).equals(">"), columns, checked);
  }

  private static long size(String text, String label) {
    String digits = text.endsWith("L") ? text.substring(0, text.length() - 1) : text;
    if (digits.isEmpty() || digits.length() > 18 || !digits.chars().allMatch(Character::isDigit)) {
      throw TorchException.format(label, "its shape has the size '" + text + "'");
    }
    return Long.parseLong(digits);
  }

  Layout layout() {
    if (!columns) {
      return Layout.contiguous(shape);
    }
    long[] strides = new long[shape.rank()];
    long stride = 1;
    for (int i = 0; i < strides.length; i++) {
      strides[i] = stride;
      stride *= Math.max(shape.size(i), 1);
    }
    return Layout.of(shape, strides, 0);
  }

  /** A header of version 1 that ends at a multiple of {@code alignment}. */
  static byte[] write(Tensor array, int alignment) {
    if (array.device() == Device.META || array.dtype() == DType.BF16) {
      throw TorchException.argument(
          "Npy.save",
          "array",
          array.device() == Device.META ? "a meta tensor" : "bfloat16",
          "tensors with data, of types that NumPy has");
    }
    StringBuilder text = new StringBuilder("{'descr': '").append(code(array.dtype()));
    text.append("', 'fortran_order': False, 'shape': (");
    for (int i = 0; i < array.dim(); i++) {
      text.append(i == 0 ? "" : ", ").append(array.size(i));
    }
    text.append(array.dim() == 1 ? ",), }" : "), }");
    int fixed = MAGIC.length + 4;
    while ((fixed + text.length() + 1) % alignment != 0) {
      text.append(' ');
    }
    text.append('\n');
    ByteBuffer out = ByteBuffer.allocate(fixed + text.length()).order(ByteOrder.LITTLE_ENDIAN);
    out.put(MAGIC).put((byte) 1).put((byte) 0).putShort((short) text.length());
    return out.put(text.toString().getBytes(StandardCharsets.US_ASCII)).array();
  }

  private static String code(DType type) {
    return switch (type) {
      case BOOL -> "|b1";
      case U8 -> "|u1";
      case I8 -> "|i1";
      case I16 -> "<i2";
      case I32 -> "<i4";
      case I64 -> "<i8";
      case F16 -> "<f2";
      case F32 -> "<f4";
      case F64 -> "<f8";
      case BF16 -> throw new IllegalStateException("checked before");
    };
  }

  private static DType type(String code, String label) {
    return switch (code) {
      case "b1" -> DType.BOOL;
      case "u1" -> DType.U8;
      case "i1" -> DType.I8;
      case "i2" -> DType.I16;
      case "i4" -> DType.I32;
      case "i8" -> DType.I64;
      case "f2" -> DType.F16;
      case "f4" -> DType.F32;
      case "f8" -> DType.F64;
      default -> throw refusedType(label, code);
    };
  }

  private static TorchException refusedType(String label, String got) {
    return TorchException.format(
        label, "its type is " + got + "; allowed: b1, u1, i1, i2, i4, i8, f2, f4, f8");
  }

  private static ByteBuffer take(ReadableByteChannel in, int bytes, String label)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining()) {
      if (in.read(buffer) < 0) {
        throw TorchException.format(label, "it ends within its header");
      }
    }
    return buffer.flip();
  }
}
