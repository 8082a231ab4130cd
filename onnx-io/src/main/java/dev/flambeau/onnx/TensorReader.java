package dev.flambeau.onnx;

import com.google.protobuf.ByteString;
import dev.flambeau.onnx.proto.TensorProto;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.backend.Memory;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** Tensors from ONNX's TensorProto: raw bytes are copied once, typed fields element by element. */
final class TensorReader {
  private TensorReader() {}

  /** The element type of an ONNX data type number, if there is one here. */
  static Optional<DType> type(int onnxType) {
    return Optional.ofNullable(
        switch (onnxType) {
          case 1 -> DType.F32;
          case 2 -> DType.U8;
          case 3 -> DType.I8;
          case 5 -> DType.I16;
          case 6 -> DType.I32;
          case 7 -> DType.I64;
          case 9 -> DType.BOOL;
          case 10 -> DType.F16;
          case 11 -> DType.F64;
          case 16 -> DType.BF16;
          default -> null;
        });
  }

  /** As {@link #type}, with an exception that names {@code where}. */
  static DType require(int onnxType, String where) {
    return type(onnxType)
        .orElseThrow(
            () ->
                TorchException.format(
                    where,
                    "element type "
                        + onnxType
                        + " is not supported; supported are float, double, float16, bfloat16, int8,"
                        + " int16, int32, int64, uint8, bool"));
  }

  /**
   * A tensor of the type and shape the file gives.
   *
   * @throws TorchException if sizes and data do not fit, or the data is in another file
   */
  static Tensor read(TensorProto proto, String file) {
    String where = file + ", tensor '" + proto.getName() + "'";
    if (proto.getDataLocation() == TensorProto.DataLocation.EXTERNAL
        || proto.getExternalDataCount() > 0) {
      throw TorchException.format(where, "data in another file (external_data) is not supported");
    }
    if (proto.hasSegment()) {
      throw TorchException.format(where, "tensors in segments are not supported");
    }
    DType type = require(proto.getDataType(), where);
    long[] sizes = new long[proto.getDimsCount()];
    long count = 1;
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = proto.getDims(i);
      if (sizes[i] < 0 || Math.multiplyHigh(count, sizes[i]) != 0 || count * sizes[i] < 0) {
        throw TorchException.format(where, "impossible sizes " + proto.getDimsList());
      }
      count *= sizes[i];
    }
    return proto.hasRawData()
        ? raw(proto.getRawData(), type, count, sizes, where)
        : typed(proto, type, count, sizes, where);
  }

  private static Tensor raw(ByteString data, DType type, long count, long[] sizes, String where) {
    check(where, "bytes of raw_data", data.size(), count, type.bytes());
    Tensor t = Torch.empty(type, sizes);
    MemorySegment source = MemorySegment.ofBuffer(data.asReadOnlyByteBuffer());
    MemorySegment.copy(source, 0, Memory.ALL, t.address(), data.size());
    return t;
  }

  private static void check(String where, String what, long got, long count, long each) {
    if (count > Integer.MAX_VALUE || got != count * each) {
      throw TorchException.format(
          where, "its sizes ask for " + count + " elements, but there are " + got + " " + what);
    }
  }

  private static Tensor typed(TensorProto p, DType type, long count, long[] sizes, String where) {
    int values =
        switch (type) {
          case F32 -> p.getFloatDataCount();
          case F64 -> p.getDoubleDataCount();
          case I64 -> p.getInt64DataCount();
          case U8, I8, I16, I32, BOOL, F16, BF16 -> p.getInt32DataCount();
        };
    check(where, "values", values, count, 1);
    Tensor t = Torch.empty(type, sizes);
    long address = t.address();
    for (int i = 0; i < values; i++, address += type.bytes()) {
      switch (type) {
        case F32 -> Memory.ALL.set(Memory.FLOAT, address, p.getFloatData(i));
        case F64 -> Memory.ALL.set(Memory.DOUBLE, address, p.getDoubleData(i));
        case I64 -> Memory.ALL.set(Memory.LONG, address, p.getInt64Data(i));
        case F16, BF16 -> Memory.ALL.set(Memory.SHORT, address, (short) p.getInt32Data(i));
        case U8, I8, I16, I32, BOOL -> Memory.integer(type, address, p.getInt32Data(i));
      }
    }
    return t;
  }
}
