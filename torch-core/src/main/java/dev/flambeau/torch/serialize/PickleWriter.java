package dev.flambeau.torch.serialize;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Device;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Storage;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Pickles of protocol 2, which every PyTorch reads; storages are numbered as they come. */
final class PickleWriter {
  private static final int DEPTH = 500;

  private record Key(Storage storage, DType type) {}

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final List<Key> keys = new ArrayList<>();

  /** The pickle of an object. */
  byte[] write(Object object) {
    out.write(0x80);
    out.write(2);
    value(object, 0);
    out.write('.');
    return out.toByteArray();
  }

  /** The storages of its tensors, by number. */
  List<Storage> storages() {
    return keys.stream().map(Key::storage).toList();
  }

  private static TorchException refused(Object got) {
    return TorchException.argument(
        "PyTorchFile.save",
        "object",
        got,
        "maps, lists, tensors, Shape, DType, texts, numbers, booleans, byte[], null");
  }

  private void value(Object value, int depth) {
    if (depth > DEPTH) {
      throw refused("something nested more than " + DEPTH + " times");
    }
    switch (value) {
      case null -> out.write('N');
      case Boolean b -> out.write(b ? 0x88 : 0x89);
      case Double d -> real(d);
      case Float f -> real(f.doubleValue());
      case BigInteger big -> integer(big);
      case Long n -> integer(BigInteger.valueOf(n));
      case Integer n -> integer(BigInteger.valueOf(n));
      case String text -> text(text);
      case byte[] bytes -> {
        global("_codecs", "encode");
        text(new String(bytes, StandardCharsets.ISO_8859_1));
        text("latin1");
        out.write(0x86);
        out.write('R');
      }
      case DType type -> global("torch", PickleNames.typeName(type));
      case Shape shape -> {
        global("torch", "Size");
        tuple(shape.sizes());
        out.write(0x85);
        out.write('R');
      }
      case Tensor t -> tensor(t);
      case Map<?, ?> map -> {
        out.write('}');
        out.write('(');
        map.forEach(
            (k, v) -> {
              value(k, depth + 1);
              value(v, depth + 1);
            });
        out.write('u');
      }
      case List<?> list -> {
        out.write(']');
        out.write('(');
        list.forEach(v -> value(v, depth + 1));
        out.write('e');
      }
      default -> throw refused(value.getClass().getName());
    }
  }

  private void bytes(int count, ByteBuffer buffer) {
    out.write(buffer.array(), 0, count);
  }

  private void real(double value) {
    out.write('G');
    bytes(8, ByteBuffer.allocate(8).putDouble(value));
  }

  private void integer(BigInteger value) {
    if (value.bitLength() < 32) {
      out.write('J');
      bytes(4, ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value.intValue()));
      return;
    }
    byte[] big = value.toByteArray();
    if (big.length > 255) {
      throw refused("a number of " + big.length + " bytes");
    }
    out.write(0x8a);
    out.write(big.length);
    for (int i = big.length - 1; i >= 0; i--) {
      out.write(big[i]);
    }
  }

  private void text(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    out.write('X');
    bytes(4, ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(utf8.length));
    out.writeBytes(utf8);
  }

  private void global(String module, String name) {
    out.writeBytes(("c" + module + "\n" + name + "\n").getBytes(StandardCharsets.US_ASCII));
  }

  private void tuple(long[] values) {
    out.write('(');
    for (long v : values) {
      integer(BigInteger.valueOf(v));
    }
    out.write('t');
  }

  private void tensor(Tensor t) {
    if (t.device() == Device.META) {
      throw refused("a meta tensor");
    }
    Key key = new Key(t.storage(), t.dtype());
    int number = keys.indexOf(key);
    if (number < 0) {
      number = keys.size();
      keys.add(key);
    }
    global("torch._utils", "_rebuild_tensor_v2");
    out.write('(');
    out.write('(');
    text("storage");
    global("torch", PickleNames.storageName(t.dtype()));
    text(Integer.toString(number));
    text("cpu");
    integer(BigInteger.valueOf(t.storage().bytes() / t.dtype().bytes()));
    out.write('t');
    out.write('Q');
    integer(BigInteger.valueOf(t.layout().offset()));
    tuple(t.shape().sizes());
    tuple(t.layout().strides());
    out.write(t.requiresGrad() && t.isLeaf() ? 0x88 : 0x89);
    global("collections", "OrderedDict");
    out.write(')');
    out.write('R');
    out.write('t');
    out.write('R');
  }
}
