package dev.flambeau.zoo;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** ONNX Runtime with a file: F32 and I64 in, F32 out. */
final class OrtPeer implements AutoCloseable {
  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final OrtSession session;

  OrtPeer(Path model) throws OrtException {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
      options.setIntraOpNumThreads(2);
      // Threads that spin while they wait take the processor away from ours.
      options.addConfigEntry("session.intra_op.allow_spinning", "0");
      session = environment.createSession(model.toString(), options);
    }
  }

  /** All outputs by name. */
  Map<String, Tensor> run(Map<String, Tensor> inputs) throws OrtException {
    Map<String, OnnxTensor> feed = new LinkedHashMap<>();
    try {
      for (var e : inputs.entrySet()) {
        feed.put(e.getKey(), convert(e.getValue()));
      }
      Map<String, Tensor> out = new LinkedHashMap<>();
      try (OrtSession.Result result = session.run(feed)) {
        for (var e : result) {
          OnnxTensor tensor = (OnnxTensor) e.getValue();
          FloatBuffer buffer = tensor.getFloatBuffer();
          float[] values = new float[buffer.remaining()];
          buffer.get(values);
          out.put(
              e.getKey(), Torch.tensor(values, values.length).reshape(tensor.getInfo().getShape()));
        }
      }
      return out;
    } finally {
      feed.values().forEach(OnnxTensor::close);
    }
  }

  private OnnxTensor convert(Tensor t) throws OrtException {
    long[] sizes = t.shape().sizes();
    return t.dtype() == DType.I64
        ? OnnxTensor.createTensor(environment, LongBuffer.wrap(t.toLongArray()), sizes)
        : OnnxTensor.createTensor(environment, FloatBuffer.wrap(t.toFloatArray()), sizes);
  }

  @Override
  public void close() throws OrtException {
    session.close();
  }
}
