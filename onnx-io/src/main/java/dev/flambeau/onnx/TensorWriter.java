package dev.flambeau.onnx;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.flambeau.onnx.proto.TensorProto;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;

/** Values as ONNX's TensorProto, numbers as raw bytes: what {@link TensorReader} reads. */
final class TensorWriter {
  private TensorWriter() {}

  /**
   * @throws TorchException if the value is neither numbers nor strings
   */
  static TensorProto write(String name, OnnxValue value) {
    return switch (value) {
      case OnnxValue.Numbers(Tensor t, ElementType type) -> numbers(name, t.detach(), type);
      case OnnxValue.Texts texts -> {
        TensorProto.Builder proto =
            TensorProto.newBuilder().setName(name).setDataType(ElementType.STRING.code());
        for (long size : texts.shape().sizes()) {
          proto.addDims(size);
        }
        texts.strings().forEach(s -> proto.addStringData(ByteString.copyFromUtf8(s)));
        yield proto.build();
      }
      default ->
          throw TorchException.argument(
              "ONNX tensor", name, value.describe(), "numbers or strings");
    };
  }

  private static TensorProto numbers(String name, Tensor t, ElementType type) {
    if (ElementType.of(t.dtype()) == type) {
      return ExportGraph.tensor(name, t);
    }
    TensorProto.Builder proto = TensorProto.newBuilder().setName(name).setDataType(type.code());
    for (long size : t.shape().sizes()) {
      proto.addDims(size);
    }
    byte[] bytes = new Casting.Bits(type).bytes(t.contiguous());
    return proto.setRawData(UnsafeByteOperations.unsafeWrap(bytes)).build();
  }
}
