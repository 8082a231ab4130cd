package dev.flambeau.vision.transforms;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PreprocessCardTest {
  @TempDir Path folder;

  /** One colour everywhere, so that resizing changes nothing. */
  private static Tensor plain(int red, int green, int blue) {
    byte[] pixels = new byte[3 * 300 * 280];
    int[] colour = {red, green, blue};
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) colour[i / (300 * 280)];
    }
    return Torch.tensor(pixels, 3, 300, 280);
  }

  @Test
  void imagenetIsRgbAndNormalized() {
    Tensor got = PreprocessCard.IMAGENET.apply(plain(255, 128, 0));
    assertEquals(DType.F32, got.dtype());
    assertArrayEquals(new long[] {1, 3, 224, 224}, got.shape().sizes());
    assertEquals((1 - 0.485) / 0.229, got.at(0, 0, 17, 5), 1e-5);
    assertEquals((128 / 255.0 - 0.456) / 0.224, got.at(0, 1, 223, 0), 1e-5);
    assertEquals(-0.406 / 0.225, got.at(0, 2, 0, 223), 1e-5);
  }

  @Test
  void caffeIsBgrMinusMeanPixel() {
    Tensor got = PreprocessCard.CAFFE.apply(plain(255, 128, 0));
    assertEquals(-104, got.at(0, 0, 0, 0));
    assertEquals(11, got.at(0, 1, 100, 100));
    assertEquals(132, got.at(0, 2, 223, 223));
  }

  @Test
  void theMiddleOfTheShorterSideIsTaken() {
    PreprocessCard card =
        new PreprocessCard(
            4,
            2,
            PreprocessCard.Channels.RGB,
            1,
            List.of(0.0, 0.0, 0.0),
            List.of(1.0, 1.0, 1.0),
            Interpolation.BILINEAR);
    byte[] pixels = new byte[3 * 4 * 8];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) i;
    }
    float[] got = card.apply(Torch.tensor(pixels, 3, 4, 8)).toFloatArray();
    assertArrayEquals(new float[] {11, 12, 19, 20, 43, 44, 51, 52, 75, 76, 83, 84}, got);
  }

  @Test
  void jsonThereAndBack() throws IOException {
    Path file = folder.resolve("net.onnx.preprocess.json");
    for (PreprocessCard card : List.of(PreprocessCard.IMAGENET, PreprocessCard.CAFFE)) {
      card.save(file);
      assertEquals(card, PreprocessCard.load(file));
    }
    assertEquals(
        PreprocessCard.CAFFE,
        PreprocessCard.fromJson(
            "here",
            """
            {"resize": 256, "crop": 224, "channels": "BGR", "scale": 1, "mean": [104, 117, 123],
             "std": [1, 1, 1], "interpolation": "bilinear"}\
            """));
    try (var left = Files.list(folder)) {
      assertEquals(1, left.count(), "no partial file is left");
    }
  }

  @Test
  void wrongCardsSayWhatIsWrong() throws IOException {
    String good = PreprocessCard.IMAGENET.toJson();
    refused("not JSON", "card");
    refused("", "card");
    refused("[1]", "card");
    refused(good.replace("\"crop\"", "\"corp\""), "corp");
    refused(good.replace("224", "300"), "crop is 300");
    refused(good.replace("224", "null"), "crop");
    refused(good.replace("rgb", "cmyk"), "cmyk");
    refused(good.replace("0.229", "0"), "std");
    refused(good.replace("0.229,", ""), "three finite numbers");
    refused("null", "card");
    Path missing = folder.resolve("none.json");
    assertThrows(NoSuchFileException.class, () -> PreprocessCard.load(missing));
    Path large = Files.write(folder.resolve("large.json"), new byte[70_000]);
    assertThrows(TorchException.FormatError.class, () -> PreprocessCard.load(large));
  }

  private static void refused(String json, String expected) {
    TorchException e =
        assertThrows(
            TorchException.FormatError.class, () -> PreprocessCard.fromJson("net.json", json));
    assertTrue(e.getMessage().startsWith("net.json: "), e.getMessage());
    assertTrue(e.getMessage().contains(expected), e.getMessage());
  }

  @Test
  void wrongImages() {
    assertThrows(
        TorchException.TypeError.class,
        () -> PreprocessCard.IMAGENET.apply(Torch.zeros(3, 300, 300)));
    assertThrows(
        TorchException.ShapeError.class,
        () -> PreprocessCard.IMAGENET.apply(Torch.zeros(DType.U8, 1, 300, 300)));
    assertThrows(
        TorchException.ShapeError.class,
        () -> PreprocessCard.IMAGENET.apply(Torch.zeros(DType.U8, 3, 1, 30_000)));
  }
}
