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
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** A model run by ONNX Runtime, which is an optional dependency. */
final class Reference {
  /** ONNX Runtime recurses along the graph: Java's megabyte is too little for it. */
  private static final long STACK = 256L << 20;

  private Reference() {}

  /**
   * All outputs; those that are no tensors of numbers we have a type for are empty.
   *
   * @param plain without optimizations, which change what nodes compute
   * @throws TorchException if ONNX Runtime refuses the model or cannot run it
   */
  static Map<String, Optional<Tensor>> run(
      Path model, String name, boolean plain, Map<String, Tensor> inputs) {
    FutureTask<Map<String, Optional<Tensor>>> task =
        new FutureTask<>(() -> run(model, plain, inputs));
    new Thread(null, task, "onnxruntime", STACK).start();
    try {
      return task.get();
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case OrtException failed ->
            throw TorchException.format(
                name, "ONNX Runtime refuses it: " + failed.getMessage(), failed);
        case LinkageError missing -> throw missing;
        case TorchException ours -> throw ours;
        default -> throw new IllegalStateException(e.getCause());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw TorchException.device("Onnx.verify: interrupted", e);
    }
  }

  private static Map<String, Optional<Tensor>> run(
      Path model, boolean plain, Map<String, Tensor> inputs) throws OrtException {
    Map<String, OnnxTensor> feed = new LinkedHashMap<>();
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession.SessionOptions options = options(plain);
        OrtSession session = environment.createSession(model.toString(), options)) {
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
    } finally {
      feed.values().forEach(OnnxTensor::close);
    }
  }

  private static OrtSession.SessionOptions options(boolean plain) throws OrtException {
    OrtSession.SessionOptions options = new OrtSession.SessionOptions();
    options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
    // Threads that spin while they wait take the processor away from ours.
    options.addConfigEntry("session.intra_op.allow_spinning", "0");
    if (plain) {
      options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.NO_OPT);
    }
    return options;
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
}
