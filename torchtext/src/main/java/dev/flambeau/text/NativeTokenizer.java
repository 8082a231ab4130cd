package dev.flambeau.text;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import dev.flambeau.torch.TorchException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * Starts the native library behind {@link Tokenizer} without any use of the network.
 *
 * <p>DJL unpacks the library (14 MB) from its jar once into {@code ENGINE_CACHE_DIR}, {@code
 * DJL_CACHE_DIR} (environment or system property) or {@code ~/.djl.ai}. Left alone it would fetch
 * another build where it sees a CUDA driver, and ask a cloud's metadata address who we are, so both
 * are switched off by its own properties before its classes are loaded.
 */
final class NativeTokenizer {
  private static final String NO_TRACKING = "OPT_OUT_TRACKING";
  private static final String FLAVOR = "RUST_FLAVOR";

  private NativeTokenizer() {}

  static synchronized HuggingFaceTokenizer open(String name, String json, int maxLength)
      throws IOException {
    setUnlessSet(NO_TRACKING, "true");
    setUnlessSet(FLAVOR, "cpu");
    // Padding is ours; the model's limit only guards DJL's own default of 512.
    Map<String, String> options =
        Map.of(
            "padding",
            "false",
            "truncation",
            maxLength > 0 ? "true" : "false",
            "maxLength",
            Integer.toString(maxLength > 0 ? maxLength : -1),
            "modelMaxLength",
            Integer.toString(Integer.MAX_VALUE));
    try {
      return HuggingFaceTokenizer.newInstance(
          new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)), options);
    } catch (LinkageError e) {
      throw TorchException.device(
          "the tokenizer library cannot be loaded on this machine: " + e.getMessage(), e);
    } catch (RuntimeException e) {
      if (e instanceof ai.djl.engine.EngineException) {
        throw TorchException.device(
            "the tokenizer library cannot be loaded on this machine: " + rootMessage(e), e);
      }
      throw TorchException.format(name, "is not a usable tokenizer.json: " + rootMessage(e), e);
    }
  }

  private static void setUnlessSet(String name, String value) {
    if (System.getenv(name) == null && System.getProperty(name) == null) {
      System.setProperty(name, value);
    }
  }

  private static String rootMessage(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root.getMessage();
  }
}
