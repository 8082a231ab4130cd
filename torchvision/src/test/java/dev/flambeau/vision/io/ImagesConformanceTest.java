package dev.flambeau.vision.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.vision.Conformance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImagesConformanceTest {
  @TempDir Path folder;

  /** Pillow's and libjpeg's pixels: equal for lossless formats, within 2 for JPEG and WebP. */
  @ParameterizedTest
  @ValueSource(strings = {"jpeg", "png", "bad"})
  void decodesAsTorchvision(String format) throws IOException {
    Conformance data = Conformance.read("io/" + format);
    List<String> failed = new ArrayList<>();
    int passed = 0;
    for (JsonNode c : data.cases()) {
      JsonNode expected = c.path("torchvision").path("RGB");
      if (expected.isMissingNode() || expected.has("undefined")) {
        continue;
      }
      byte[] bytes = data.tensors().get(c.get("bytes").asText()).toByteArray();
      String problem = compare(data, c, expected, bytes);
      if (problem.isEmpty()) {
        passed++;
      } else {
        failed.add(c.get("id").asText() + ": " + problem);
      }
    }
    System.out.println("io/" + format + ": " + passed + " passed, " + failed.size() + " failed");
    assertTrue(failed.isEmpty(), String.join("\n", failed));
    assertTrue(passed > 0, "no case ran");
  }

  private static String compare(Conformance data, JsonNode c, JsonNode expected, byte[] bytes) {
    String id = c.get("id").asText();
    if (expected.has("error") && !c.path("pil").has("error")) {
      return ""; // CMYK and 16-bit files, which Pillow reads and so do we
    }
    if (expected.has("error")) {
      try {
        Images.decode(bytes, id, false);
        return "decoded, but torchvision refuses it: " + expected.get("error").get("message");
      } catch (TorchException e) {
        return "";
      }
    }
    Tensor actual = Images.decode(bytes, id, false);
    Tensor wanted = data.tensors().get(expected.get("tensor").asText());
    if (!actual.shape().equals(wanted.shape())) {
      return actual.shape() + " for " + wanted.shape();
    }
    double worst = actual.to(DType.I32).sub(wanted.to(DType.I32)).abs().to(DType.F32).amax().item();
    return worst <= (c.path("lossless").asBoolean() ? 0 : 2) ? "" : "off by " + worst;
  }

  @Test
  void turnsUpright() throws IOException {
    Conformance data = Conformance.read("io/jpeg");
    int checked = 0;
    for (JsonNode c : data.cases()) {
      JsonNode upright = c.path("pil").path("exif_transposed");
      if (!upright.isMissingNode()) {
        byte[] bytes = data.tensors().get(c.get("bytes").asText()).toByteArray();
        Tensor actual = Images.decode(bytes, c.get("id").asText(), true);
        Tensor wanted = data.image(upright);
        assertEquals(wanted.shape(), actual.shape(), c.get("id").asText());
        Tensor difference = actual.to(DType.I32).sub(wanted.to(DType.I32)).abs().to(DType.F32);
        assertTrue(difference.amax().item() <= 2, c.get("id").asText());
        checked++;
      }
    }
    assertTrue(checked > 0, "no case has an orientation");
  }

  @Test
  void refusesWhatIsNoPicture() throws IOException {
    assertThrows(NoSuchFileException.class, () -> Images.read(folder.resolve("absent.jpg")));
    Path text = folder.resolve("text.jpg");
    Files.writeString(text, "not a picture");
    assertThrows(TorchException.class, () -> Images.read(text));
    byte[] bomb = {
      (byte) 0x89,
      'P',
      'N',
      'G',
      13,
      10,
      26,
      10,
      0,
      0,
      0,
      13,
      'I',
      'H',
      'D',
      'R',
      0,
      1,
      0,
      0,
      0,
      1,
      0,
      0,
      8,
      2,
      0,
      0,
      0
    };
    TorchException e = assertThrows(TorchException.class, () -> Images.decode(bomb, "bomb", true));
    assertTrue(e.getMessage().contains("pixels"), e.getMessage());
  }

  @Test
  void writesWhatItReads() throws IOException {
    Tensor picture = Torch.arange(3 * 5 * 7).mul(2).to(DType.U8).reshape(3, 5, 7);
    Path png = folder.resolve("a.png");
    Images.writePng(picture, png);
    assertEquals(0, Images.read(png).ne(picture).to(DType.I64).sum().itemLong());
    Images.writeJpeg(picture, folder.resolve("a.jpg"), 90);
    assertEquals(picture.shape(), Images.read(folder.resolve("a.jpg")).shape());
  }
}
