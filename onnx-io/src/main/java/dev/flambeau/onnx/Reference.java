package dev.flambeau.onnx;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.backend.Memory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** A model run by ONNX Runtime, which is an optional dependency. */
final class Reference implements AutoCloseable {
  private final String file;
  private final OrtSession session;

  private Reference(String file, OrtSession session) {
    this.file = file;
    this.session = session;
  }

  /**
   * @param plain without optimizations, which change what nodes compute
   * @throws TorchException if ONNX Runtime refuses the model
   */
  static Reference open(Path model, String name, boolean plain) {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
      // Threads that spin while they wait take the processor away from ours.
      options.addConfigEntry("session.intra_op.allow_spinning", "0");
      if (plain) {
        options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.NO_OPT);
      }
      OrtEnvironment environment = OrtEnvironment.getEnvironment();
      return new Reference(name, environment.createSession(model.toString(), options));
    } catch (OrtException e) {
      throw TorchException.format(name, "ONNX Runtime refuses it: " + e.getMessage(), e);
    }
  }

  /** All outputs that are tensors of numbers we have a type for; others are empty. */
  Map<String, Optional<Tensor>> run(Map<String, Tensor> inputs) {
    Map<String, OnnxTensor> feed = new LinkedHashMap<>();
    try {
      for (var e : inputs.entrySet()) {
        feed.put(e.getKey(), convert(e.getValue().detach().contiguous(), e.getKey()));
      }
      try (OrtSession.Result result = session.run(feed)) {
        Map<String, Optional<Tensor>> out = new LinkedHashMap<>();
        for (Map.Entry<String, OnnxValue> e : result) {
          out.put(e.getKey(), convert(e.getValue()));
        }
        return out;
      }
    } catch (OrtException e) {
      throw TorchException.format(file, "ONNX Runtime fails: " + e.getMessage(), e);
    } finally {
      feed.values().forEach(OnnxTensor::close);
    }
  }

  private static Optional<DType> type(OnnxJavaType type) {
    return switch (type) {
      case FLOAT -> Optional.of(DType.F32);
      case DOUBLE -> Optional.of(DType.F64);
      case INT8 -> Optional.of(DType.I8);
      case INT16 -> Optional.of(DType.I16);
      case INT32 -> Optional.of(DType.I32);
      case INT64 -> Optional.of(DType.I64);
      case UINT8 -> Optional.of(DType.U8);
      case BOOL -> Optional.of(DType.BOOL);
      case FLOAT16 -> Optional.of(DType.F16);
      case BFLOAT16 -> Optional.of(DType.BF16);
      case STRING, UNKNOWN -> Optional.empty();
    };
  }

  private static OnnxJavaType type(DType type) {
    return switch (type) {
      case F32 -> OnnxJavaType.FLOAT;
      case F64 -> OnnxJavaType.DOUBLE;
      case F16 -> OnnxJavaType.FLOAT16;
      case BF16 -> OnnxJavaType.BFLOAT16;
      case I8 -> OnnxJavaType.INT8;
      case I16 -> OnnxJavaType.INT16;
      case I32 -> OnnxJavaType.INT32;
      case I64 -> OnnxJavaType.INT64;
      case U8 -> OnnxJavaType.UINT8;
      case BOOL -> OnnxJavaType.BOOL;
    };
  }

  private static OnnxTensor convert(Tensor t, String name) throws OrtException {
    long bytes = t.numel() * t.dtype().bytes();
    if (bytes > Integer.MAX_VALUE) {
      throw TorchException.argument("Onnx.verify", name, bytes + " bytes", "less than 2 GB");
    }
    ByteBuffer buffer = ByteBuffer.allocateDirect((int) bytes).order(ByteOrder.nativeOrder());
    if (bytes > 0) {
      buffer.put(Memory.part(t.address(), bytes).asByteBuffer()).flip();
    }
    java.lang.ref.Reference.reachabilityFence(t);
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    return OnnxTensor.createTensor(environment, buffer, t.shape().sizes(), type(t.dtype()));
  }

  private static Optional<Tensor> convert(OnnxValue value) {
    if (!(value instanceof OnnxTensor tensor)) {
      return Optional.empty();
    }
    Optional<DType> type = type(tensor.getInfo().type);
    if (type.isEmpty()) {
      return Optional.empty();
    }
    Tensor t = Torch.empty(type.get(), tensor.getInfo().getShape());
    ByteBuffer bytes = tensor.getByteBuffer();
    if (bytes.hasRemaining()) {
      Memory.part(t.address(), bytes.remaining()).asByteBuffer().put(bytes);
    }
    return Optional.of(t);
  }

  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException e) {
      throw TorchException.format(file, "ONNX Runtime fails to close: " + e.getMessage(), e);
    }
  }
}
