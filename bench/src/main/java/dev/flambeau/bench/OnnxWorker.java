package dev.flambeau.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import dev.flambeau.onnx.Onnx;
import dev.flambeau.onnx.OnnxModule;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Generator;
import dev.flambeau.torch.Scope;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;

/**
 * The main class of a child process for ONNX files. Each line on standard input, a number of
 * milliseconds, is answered with the median of the milliseconds that passes of that time took, and
 * the mean magnitude of the first output.
 */
final class OnnxWorker {
  static final String DONE = "done";
  static final String PEER = "onnxruntime";
  static final String OWN = "flambeau";

  private OnnxWorker() {}

  /** Side, file, sizes of open axes as {@code name=size}. */
  public static void main(String[] args) throws IOException, OrtException {
    // Native libraries may print too: what is ours is marked, the parent passes on the rest.
    var out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    Path file = Path.of(args[1]);
    Map<String, Long> sizes = new HashMap<>();
    for (int i = 2; i < args.length; i++) {
      var pair = args[i].split("=");
      sizes.put(pair[0], Long.parseLong(pair[1]));
    }
    OnnxModule module = Onnx.load(file);
    List<Tensor> inputs = module.randomInputs(sizes, new Generator(0));
    DoubleSupplier pass =
        args[0].equals(PEER) ? peer(file, module.inputs(), inputs) : own(module, inputs);
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      double check = pass.getAsDouble();
      out.println(DONE + " " + time(pass, Long.parseLong(line)) + " " + check);
    }
  }

  private static double time(DoubleSupplier pass, long milliseconds) {
    double[] times = new double[16];
    int n = 0;
    long end = System.nanoTime() + milliseconds * 1_000_000;
    for (long start = System.nanoTime(); n == 0 || start < end; n++) {
      pass.getAsDouble();
      long now = System.nanoTime();
      times = n == times.length ? Arrays.copyOf(times, 2 * n) : times;
      times[n] = (now - start) / 1e6;
      start = now;
    }
    Arrays.sort(times, 0, n);
    return times[n / 2];
  }

  private static DoubleSupplier own(OnnxModule module, List<Tensor> inputs) {
    return () ->
        Torch.noGrad(
            () -> {
              try (Scope _ = Scope.open()) {
                Tensor y = module.forward(inputs).getFirst();
                return magnitude(y.to(DType.F32).contiguous().toFloatArray());
              }
            });
  }

  private static DoubleSupplier peer(Path file, List<String> names, List<Tensor> inputs)
      throws OrtException {
    var environment = OrtEnvironment.getEnvironment();
    var options = new OrtSession.SessionOptions();
    options.setIntraOpNumThreads(Integer.getInteger("flambeau.threads"));
    // Threads that spin would take the cores from the side whose turn it is.
    options.addConfigEntry("session.intra_op.allow_spinning", "0");
    options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
    var session = environment.createSession(file.toString(), options);
    Map<String, OnnxTensor> feed = new LinkedHashMap<>();
    for (int i = 0; i < inputs.size(); i++) {
      Tensor x = inputs.get(i);
      long[] shape = x.shape().sizes();
      feed.put(
          names.get(i),
          x.dtype() == DType.I64
              ? OnnxTensor.createTensor(environment, LongBuffer.wrap(x.toLongArray()), shape)
              : OnnxTensor.createTensor(environment, FloatBuffer.wrap(x.toFloatArray()), shape));
    }
    return () -> {
      try (var result = session.run(feed)) {
        var buffer = ((OnnxTensor) result.get(0)).getFloatBuffer();
        float[] values = new float[buffer.remaining()];
        buffer.get(values);
        return magnitude(values);
      } catch (OrtException e) {
        throw new IllegalStateException(e);
      }
    };
  }

  private static double magnitude(float[] values) {
    double sum = 0;
    for (float v : values) {
      sum += Math.abs(v);
    }
    return sum / values.length;
  }
}
