package dev.flambeau.vision.transforms;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.vision.Conformance;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;

/** torchvision's and Pillow's own results. */
class TransformsConformanceTest {
  private int passed;
  private final List<String> failed = new ArrayList<>();

  private void compare(String id, Tensor expected, Tensor actual, double tolerance) {
    boolean same = expected.shape().equals(actual.shape());
    double worst = 0;
    if (same) {
      double[] a = expected.toDoubleArray();
      double[] b = actual.toDoubleArray();
      for (int i = 0; i < a.length; i++) {
        worst = Math.max(worst, Math.abs(a[i] - b[i]));
      }
    }
    if (same && worst <= tolerance) {
      passed++;
    } else {
      failed.add(id + ": " + actual.shape() + " for " + expected.shape() + ", off by " + worst);
    }
  }

  private void run(String file, BiFunction<JsonNode, Tensor, Tensor> transform) throws IOException {
    Conformance data = Conformance.read(file);
    int unsupported = 0;
    for (JsonNode c : data.cases()) {
      JsonNode input = c.get("args").get(0);
      boolean antialias = !c.get("backend").asText().equals("pil");
      boolean supported =
          c.has("result")
              && (!input.has("pil") || List.of("RGB", "L").contains(input.get("pil").asText()))
              && input.has("tensor");
      Tensor image = supported ? data.image(input) : null;
      Tensor actual = supported ? transform.apply(c, image) : null;
      if (actual == null) {
        unsupported++;
        continue;
      }
      double tolerance = antialias ? image.dtype() == DType.U8 ? 1 : 1e-5 : 0;
      compare(c.get("id").asText(), data.image(c.get("result")), actual, tolerance);
    }
    System.out.println(
        file
            + ": "
            + passed
            + " passed, "
            + failed.size()
            + " failed, "
            + unsupported
            + " not supported");
    assertTrue(failed.isEmpty(), String.join("\n", failed));
    assertTrue(passed > 0, "no case ran");
  }

  @Test
  void resize() throws IOException {
    run("transforms/resize", TransformsConformanceTest::resize);
  }

  private static Tensor resize(JsonNode c, Tensor image) {
    JsonNode options = c.get("kwargs");
    Interpolation interpolation =
        options.has("interpolation")
            ? Interpolation.valueOf(
                options.get("interpolation").get("interpolation").asText().toUpperCase(Locale.ROOT))
            : Interpolation.BILINEAR;
    boolean pil = c.get("backend").asText().equals("pil");
    boolean antialiased = options.has("antialias") && options.get("antialias").asBoolean();
    if (!pil && !antialiased) {
      return null; // tensors without antialiasing
    }
    boolean overshoots = interpolation == Interpolation.BICUBIC && image.dtype() == DType.U8;
    if (!pil && overshoots) {
      return null; // torchvision 0.14 does not clip between the directions; Pillow and later ones
      // do
    }
    JsonNode size = c.get("args").size() > 1 ? c.get("args").get(1) : options.get("size");
    JsonNode list = size.isObject() ? size.elements().next() : size;
    if (list.isArray() && list.size() == 2) {
      return new Resize(list.get(0).asInt(), list.get(1).asInt(), interpolation).apply(image);
    }
    Resize resize = new Resize(list.isArray() ? list.get(0).asInt() : list.asInt(), interpolation);
    if (options.hasNonNull("max_size")) {
      resize = resize.maxSize(options.get("max_size").asInt());
    }
    return resize.apply(image);
  }

  @Test
  void centerCrop() throws IOException {
    run(
        "transforms/center_crop",
        (c, image) -> {
          JsonNode size = c.get("args").get(1);
          JsonNode list = size.isObject() ? size.elements().next() : size;
          int h = list.isArray() ? list.get(0).asInt() : list.asInt();
          int w = list.isArray() ? list.get(list.size() - 1).asInt() : list.asInt();
          return new CenterCrop(h, w).apply(image);
        });
  }
}
