package dev.flambeau.onnx;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.flambeau.onnx.proto.SparseTensorProto;
import dev.flambeau.onnx.proto.TensorProto;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.backend.Memory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.ObjLongConsumer;

/** Values from ONNX's TensorProto: raw bytes are copied once, typed fields element by element. */
final class TensorReader {
  private final String file;
  private final ExternalData external;

  TensorReader(String file, ExternalData external) {
    this.file = file;
    this.external = external;
  }

  /** The bytes of a tensor whose data lie in another file. */
  ByteString external(TensorProto proto, String where) {
    MemorySegment bytes = external.bytes(proto.getExternalDataList(), where);
    if (bytes.byteSize() > Integer.MAX_VALUE) {
      throw TorchException.format(where, bytes.byteSize() + " bytes; at most 2 GB are supported");
    }
    return UnsafeByteOperations.unsafeWrap(bytes.asByteBuffer());
  }

  /** Number of bytes that a tensor's entries name in another file. */
  long externalBytes(TensorProto proto, String where) {
    return external.bytes(proto.getExternalDataList(), where).byteSize();
  }

  /** What messages name. */
  String file() {
    return file;
  }

  /** The same with a place inside the file for messages. */
  TensorReader at(String place) {
    return new TensorReader(file + ", " + place, external);
  }

  /**
   * The tensor or strings the file gives.
   *
   * @throws TorchException if sizes and data do not fit, or the element type is unknown or complex
   */
  OnnxValue read(TensorProto proto) {
    String where = file + ", tensor '" + proto.getName() + "'";
    if (proto.hasSegment()) {
      throw TorchException.format(where, "tensors in segments are not supported");
    }
    ElementType type = ElementType.require(proto.getDataType(), where);
    long[] sizes = sizes(proto.getDimsList(), where);
    long count = Shape.of(sizes).numel();
    if (type == ElementType.STRING) {
      check(where, "strings", proto.getStringDataCount(), count);
      return new OnnxValue.Texts(
          proto.getStringDataList().stream().map(b -> b.toString(StandardCharsets.UTF_8)).toList(),
          Shape.of(sizes));
    }
    DType stored = type.require(where);
    Tensor t;
    if (proto.getDataLocation() == TensorProto.DataLocation.EXTERNAL) {
      MemorySegment bytes = external.bytes(proto.getExternalDataList(), where);
      t = raw(bytes, type, stored, count, sizes, where, external::copy);
    } else if (proto.hasRawData()) {
      MemorySegment bytes = MemorySegment.ofBuffer(proto.getRawData().asReadOnlyByteBuffer());
      t = raw(bytes, type, stored, count, sizes, where, external::copy);
    } else if (type.isTiny() || type.bits() < 8 || type == ElementType.FLOAT16) {
      ByteString packed = packed(proto.getInt32DataList(), type.bits() == 16 ? 2 : 1);
      MemorySegment bytes = MemorySegment.ofBuffer(packed.asReadOnlyByteBuffer());
      t = raw(bytes, type, stored, count, sizes, where, external::copy);
    } else {
      t = typed(proto, type, stored, count, sizes, where);
    }
    return new OnnxValue.Numbers(t, type);
  }

  static long[] sizes(List<Long> dims, String where) {
    long[] sizes = new long[dims.size()];
    long count = 1;
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = dims.get(i);
      if (sizes[i] < 0
          || sizes[i] > Integer.MAX_VALUE
          || Math.multiplyHigh(count, sizes[i]) != 0
          || count * sizes[i] < 0) {
        throw TorchException.format(where, "impossible sizes " + dims);
      }
      count *= sizes[i];
    }
    return sizes;
  }

  private static ByteString packed(List<Integer> values, int width) {
    byte[] bytes = new byte[values.size() * width];
    for (int i = 0; i < values.size(); i++) {
      for (int k = 0; k < width; k++) {
        bytes[i * width + k] = (byte) (values.get(i) >> 8 * k);
      }
    }
    return ByteString.copyFrom(bytes);
  }

  /** Bytes as raw_data has them: little-endian, small integers packed from the low bits on. */
  static Tensor raw(
      MemorySegment bytes, ElementType type, DType stored, long count, long[] sizes, String where) {
    return raw(
        bytes,
        type,
        stored,
        count,
        sizes,
        where,
        (from, to) -> MemorySegment.copy(from, 0, Memory.ALL, to, from.byteSize()));
  }

  private static Tensor raw(
      MemorySegment bytes,
      ElementType type,
      DType stored,
      long count,
      long[] sizes,
      String where,
      ObjLongConsumer<MemorySegment> copy) {
    long wanted = Math.ceilDiv(Math.multiplyExact(count, (long) type.bits()), 8L);
    check(where, "bytes", bytes.byteSize(), wanted);
    Tensor t = Torch.empty(stored, sizes);
    if (!type.isNarrow() && type.bits() == 8 * stored.bytes()) {
      copy.accept(bytes, t.address());
      java.lang.ref.Reference.reachabilityFence(t);
      return t;
    }
    long address = t.address();
    for (long i = 0; i < count; i++, address += stored.bytes()) {
      long bit = i * type.bits();
      switch (type) {
        case FLOAT16 ->
            Memory.real(stored, address, Float.float16ToFloat(bytes.get(SHORT, bit / 8)));
        case UINT16 -> Memory.integer(stored, address, bytes.get(SHORT, bit / 8) & 0xffff);
        case UINT32 -> Memory.integer(stored, address, bytes.get(INT, bit / 8) & 0xffffffffL);
        default -> {
          int low = bytes.get(ValueLayout.JAVA_BYTE, bit / 8) >> (bit % 8);
          Small.store(type, address, low & (1 << type.bits()) - 1);
        }
      }
    }
    java.lang.ref.Reference.reachabilityFence(t);
    return t;
  }

  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static void check(String where, String what, long got, long wanted) {
    if (wanted > Integer.MAX_VALUE * 8L || got != wanted) {
      throw TorchException.format(
          where, "its sizes ask for " + wanted + " " + what + ", but there are " + got);
    }
  }

  private static Tensor typed(
      TensorProto p, ElementType type, DType stored, long count, long[] sizes, String where) {
    int values =
        switch (type) {
          case FLOAT -> p.getFloatDataCount();
          case DOUBLE -> p.getDoubleDataCount();
          case INT64 -> p.getInt64DataCount();
          case UINT32, UINT64 -> p.getUint64DataCount();
          default -> p.getInt32DataCount();
        };
    check(where, "values", values, count);
    Tensor t = Torch.empty(stored, sizes);
    long address = t.address();
    for (int i = 0; i < values; i++, address += stored.bytes()) {
      switch (type) {
        case FLOAT -> Memory.ALL.set(Memory.FLOAT, address, p.getFloatData(i));
        case DOUBLE -> Memory.ALL.set(Memory.DOUBLE, address, p.getDoubleData(i));
        case INT64 -> Memory.ALL.set(Memory.LONG, address, p.getInt64Data(i));
        case UINT64 -> Memory.ALL.set(Memory.LONG, address, p.getUint64Data(i));
        case UINT32 -> Memory.ALL.set(Memory.LONG, address, p.getUint64Data(i) & 0xffffffffL);
        case BFLOAT16 -> Memory.ALL.set(Memory.SHORT, address, (short) p.getInt32Data(i));
        case UINT16 -> Memory.integer(stored, address, p.getInt32Data(i) & 0xffff);
        default -> Memory.integer(stored, address, p.getInt32Data(i));
      }
    }
    return t;
  }

  /** A sparse tensor made dense. */
  OnnxValue read(SparseTensorProto proto) {
    String where = file + ", sparse tensor '" + proto.getValues().getName() + "'";
    long[] sizes = sizes(proto.getDimsList(), where);
    Limits.checked(where, sizes);
    if (!(read(proto.getValues()) instanceof OnnxValue.Numbers(Tensor values, ElementType type))
        || !(read(proto.getIndices()) instanceof OnnxValue.Numbers(Tensor at, _))
        || at.dtype() != DType.I64
        || values.dim() != 1
        || at.size(0) != values.size(0)
        || at.dim() > 2
        || at.dim() == 2 && at.size(1) != sizes.length) {
      throw TorchException.format(where, "values and indices do not fit");
    }
    Tensor dense = Torch.zeros(values.dtype(), sizes);
    long[] places = at.toLongArray();
    int width = at.dim() == 1 ? 1 : sizes.length;
    for (int i = 0; i < values.numel(); i++) {
      long place = 0;
      for (int k = 0; k < width; k++) {
        long size = width == 1 && at.dim() == 1 ? dense.numel() : sizes[k];
        long index = places[i * width + k];
        if (index < 0 || index >= size) {
          throw TorchException.format(where, "index " + index + " of " + size);
        }
        place = place * size + index;
      }
      int bytes = values.dtype().bytes();
      Memory.copy(values.address() + (long) i * bytes, dense.address() + place * bytes, bytes);
    }
    return new OnnxValue.Numbers(dense, type);
  }
}
