package dev.flambeau.vision.models;

import com.fasterxml.jackson.databind.JsonNode;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.nn.Module;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Map;

/** The reference data's rule that makes weights and inputs from names. */
final class ReferenceWeights {
  private ReferenceWeights() {}

  private static long seed(String key) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
      return ByteBuffer.wrap(hash).order(ByteOrder.LITTLE_ENDIAN).getLong();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static double uniform(long seed, long i) {
    long z = seed + i + 0x9E3779B97F4A7C15L;
    z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
    z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
    z ^= z >>> 31;
    return (z >>> 40) * 0x1p-24;
  }

  private static float[] values(String key, int count, double a, double b, double c) {
    long seed = seed(key);
    float[] out = new float[count];
    for (int i = 0; i < count; i++) {
      out[i] = (float) ((uniform(seed, i) - a) * b + c);
    }
    return out;
  }

  /** Fills all parameters and running statistics. */
  static void fill(Module module, double gain) {
    Torch.noGrad(
        () -> {
          for (Map.Entry<String, Tensor> entry : module.stateDict().entrySet()) {
            Tensor t = entry.getValue();
            if (t.dtype() == DType.F32) {
              String key = entry.getKey();
              t.copy_(Torch.tensor(weights(key, t, gain), t.shape().sizes()));
            }
          }
        });
  }

  private static float[] weights(String key, Tensor t, double gain) {
    int count = (int) t.numel();
    String last = key.substring(key.lastIndexOf('.') + 1);
    if (last.equals("running_var")) {
      return values(key, count, 0, 1, 0.5);
    }
    if (last.equals("running_mean")) {
      return values(key, count, 0.5, 0.2, 0);
    }
    if (t.dim() >= 2) {
      double fanIn = (double) count / t.size(0);
      return values(key, count, 0.5, Math.sqrt(3.0 * gain / fanIn) * 2.0, 0);
    }
    return last.equals("weight")
        ? values(key, count, 0, 0.4, 0.8)
        : values(key, count, 0.5, 0.1, 0);
  }

  static Tensor input(JsonNode input) {
    long[] sizes = new long[input.get("shape").size()];
    long count = 1;
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = input.get("shape").get(i).asLong();
      count *= sizes[i];
    }
    double low = input.get("range").get(0).asDouble();
    double high = input.get("range").get(1).asDouble();
    long seed = seed(input.get("gen").asText());
    float[] out = new float[(int) count];
    for (int i = 0; i < out.length; i++) {
      out[i] = (float) (uniform(seed, i) * (high - low) + low);
    }
    return Torch.tensor(out, sizes);
  }
}
