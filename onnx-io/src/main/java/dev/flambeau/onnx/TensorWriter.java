package dev.flambeau.onnx;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.flambeau.onnx.proto.TensorProto;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.backend.Memory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Values as ONNX's TensorProto, the other direction of {@link TensorReader}. */
final class TensorWriter {
  private TensorWriter() {}

  /**
   * The tensor or strings of a value.
   *
   * @throws TorchException for sequences, maps and nothing
   */
  static TensorProto write(String name, OnnxValue value) {
    return switch (value) {
      case OnnxValue.Numbers(Tensor tensor, ElementType type) -> write(name, tensor, type);
      case OnnxValue.Texts texts -> {
        TensorProto.Builder proto = header(name, texts.shape().sizes(), ElementType.STRING);
        texts.strings().forEach(s -> proto.addStringData(ByteString.copyFromUtf8(s)));
        yield proto.build();
      }
      case OnnxValue.Sequence _, OnnxValue.Dictionary _, OnnxValue.Nothing _ ->
          throw TorchException.argument(
              "Onnx.export", name, value.describe(), "a tensor, which a file can hold");
    };
  }

  /** A tensor as elements of a type; where its memory is as the file has it, it is not copied. */
  static TensorProto write(String name, Tensor tensor, ElementType type) {
    Tensor dense = type == ElementType.FLOAT16 ? tensor.to(DType.F16) : tensor;
    dense = dense.contiguous();
    boolean same = !type.isNarrow() && type.bits() == 8 * dense.dtype().bytes();
    long bytes = (dense.numel() * type.bits() + 7) / 8;
    ByteString raw =
        bytes == 0 ? ByteString.EMPTY : same ? shared(dense, bytes) : packed(dense, type, bytes);
    return header(name, dense.shape().sizes(), type).setRawData(raw).build();
  }

  private static TensorProto.Builder header(String name, long[] sizes, ElementType type) {
    TensorProto.Builder proto = TensorProto.newBuilder().setName(name).setDataType(type.code());
    for (long size : sizes) {
      proto.addDims(size);
    }
    return proto;
  }

  /** The tensor's own memory, which lives as long as the result. */
  private static ByteString shared(Tensor dense, long bytes) {
    MemorySegment memory =
        MemorySegment.ofAddress(dense.address())
            .reinterpret(
                bytes, Arena.ofAuto(), _ -> java.lang.ref.Reference.reachabilityFence(dense));
    return UnsafeByteOperations.unsafeWrap(memory.asByteBuffer().asReadOnlyBuffer());
  }

  /** Little-endian; elements of less than a byte from the low bits on. */
  private static ByteString packed(Tensor dense, ElementType type, long bytes) {
    byte[] out = new byte[Math.toIntExact(bytes)];
    DType stored = dense.dtype();
    for (long i = 0; i < dense.numel(); i++) {
      long address = dense.address() + i * stored.bytes();
      if (type.bits() > 8) {
        long value = Memory.integer(stored, address);
        int width = type.bits() / 8;
        for (int k = 0; k < width; k++) {
          out[Math.toIntExact(i * width + k)] = (byte) (value >> 8 * k);
        }
      } else {
        long bit = i * type.bits();
        out[Math.toIntExact(bit / 8)] |= (byte) (Small.code(type, address) << bit % 8);
      }
    }
    java.lang.ref.Reference.reachabilityFence(dense);
    return UnsafeByteOperations.unsafeWrap(out);
  }
}
