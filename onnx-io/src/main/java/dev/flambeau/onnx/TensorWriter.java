package dev.flambeau.onnx;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.flambeau.onnx.proto.TensorProto;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Values as ONNX's TensorProto, numbers as raw bytes: what {@link TensorReader} reads. */
final class TensorWriter {
  private TensorWriter() {}

  /**
   * @throws TorchException if the value is neither numbers nor strings
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
              "ONNX tensor", name, value.describe(), "numbers or strings");
    };
  }

  /** A tensor as elements of a type; where its memory is as the file has it, it is not copied. */
  static TensorProto write(String name, Tensor tensor, ElementType type) {
    long size = tensor.numel() * type.bits() / 8;
    if (size > Integer.MAX_VALUE) {
      throw TorchException.argument(
          "ONNX tensor",
          name,
          size + " bytes",
          "at most 2 GB, which one tensor of a file can have");
    }
    Tensor t = tensor.detach();
    Tensor dense = (type == ElementType.FLOAT16 ? t.to(DType.F16) : t).contiguous();
    boolean same = ElementType.of(dense.dtype()) == type;
    ByteString raw =
        same ? shared(dense) : UnsafeByteOperations.unsafeWrap(new Casting.Bits(type).bytes(dense));
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
  private static ByteString shared(Tensor dense) {
    long bytes = dense.numel() * dense.dtype().bytes();
    if (bytes == 0) {
      return ByteString.EMPTY;
    }
    MemorySegment memory =
        MemorySegment.ofAddress(dense.address())
            .reinterpret(
                bytes, Arena.ofAuto(), _ -> java.lang.ref.Reference.reachabilityFence(dense));
    return UnsafeByteOperations.unsafeWrap(memory.asByteBuffer().asReadOnlyBuffer());
  }
}
