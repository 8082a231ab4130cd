package dev.flambeau.onnx;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.backend.Memory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** ONNX Runtime on the same file and inputs. */
final class Peer implements AutoCloseable {
  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final OrtSession session;

  Peer(Path model) throws OrtException {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(2);
      options.setSessionLogLevel(ai.onnxruntime.OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
      options.addConfigEntry("session.intra_op.allow_spinning", "0");
      session = environment.createSession(model.toString(), options);
    }
  }

  /** The first output, as F32 unless it is F16. */
  Tensor run(Map<String, Tensor> inputs) throws OrtException {
    Map<String, OnnxTensor> feed = new LinkedHashMap<>();
    try {
      for (var e : inputs.entrySet()) {
        feed.put(e.getKey(), convert(e.getValue().contiguous()));
      }
      try (OrtSession.Result result = session.run(feed)) {
        OnnxTensor out = (OnnxTensor) result.get(0);
        boolean half = out.getInfo().type == OnnxJavaType.FLOAT16;
        // getFloatBuffer widens F16.
        float[] values = new float[out.getFloatBuffer().remaining()];
        out.getFloatBuffer().get(values);
        // With a shape of its own: a number is no vector of one element.
        Tensor t = Torch.tensor(values, values.length).reshape(out.getInfo().getShape());
        return half ? t.to(DType.F16) : t;
      }
    } finally {
      feed.values().forEach(OnnxTensor::close);
    }
  }

  private OnnxTensor convert(Tensor t) throws OrtException {
    int bytes = (int) t.numel() * t.dtype().bytes();
    ByteBuffer buffer = ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    buffer.put(Memory.ALL.asSlice(t.address(), bytes).asByteBuffer()).flip();
    OnnxJavaType type =
        switch (t.dtype()) {
          case F32 -> OnnxJavaType.FLOAT;
          case F16 -> OnnxJavaType.FLOAT16;
          case I64 -> OnnxJavaType.INT64;
          default -> throw new IllegalArgumentException("" + t.dtype());
        };
    return OnnxTensor.createTensor(environment, buffer, t.shape().sizes(), type);
  }

  @Override
  public void close() throws OrtException {
    session.close();
  }
}
