package dev.flambeau.vision.transforms;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.EnumFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * How an image becomes a network's input: the card that travels with a model, as JSON beside it or
 * in its metadata. A value is {@code (pixel * scale - mean) / std}.
 *
 * @param resize the shorter side becomes this long, in pixels; antialiased, aspect ratio kept
 * @param crop side of the square cut from the centre, in pixels; at most {@code resize}
 * @param channels order of the three channels
 * @param scale factor of pixel values 0..255
 * @param mean subtracted after scaling, one a channel in the order of {@code channels}
 * @param std divisor after that, one a channel
 * @param interpolation how the image is resized, by Pillow's rules
 */
public record PreprocessCard(
    int resize,
    int crop,
    Channels channels,
    double scale,
    List<Double> mean,
    List<Double> std,
    Interpolation interpolation) {

  /** Order of an input's channels. */
  public enum Channels {
    RGB,
    BGR
  }

  /** torchvision's ImageNet models: 256, 224, 0..1, ImageNet's mean and deviation, RGB. */
  public static final PreprocessCard IMAGENET =
      new PreprocessCard(
          256,
          224,
          Channels.RGB,
          1 / 255.0,
          List.of(0.485, 0.456, 0.406),
          List.of(0.229, 0.224, 0.225),
          Interpolation.BILINEAR);

  /** Caffe's ImageNet models: 256, 224, 0..255, the mean pixel 104, 117, 123, BGR. */
  public static final PreprocessCard CAFFE =
      new PreprocessCard(
          256,
          224,
          Channels.BGR,
          1,
          List.of(104.0, 117.0, 123.0),
          List.of(1.0, 1.0, 1.0),
          Interpolation.BILINEAR);

  private static final String NAME = "PreprocessCard";
  private static final long MAX_BYTES = 1 << 16;
  private static final int LARGEST_SIDE = 8192;
  private static final int LARGEST_RESIZED = 1 << 16;
  private static final Set<String> FIELDS =
      new TreeSet<>(List.of("resize", "crop", "channels", "scale", "mean", "std", "interpolation"));
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(EnumFeature.WRITE_ENUMS_TO_LOWERCASE)
          .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .build();

  public PreprocessCard {
    if (resize < 1 || resize > LARGEST_SIDE) {
      throw TorchException.argument(NAME, "resize", resize, "1 to " + LARGEST_SIDE);
    }
    if (crop < 1 || crop > resize) {
      throw TorchException.argument(NAME, "crop", crop, "1 to resize, " + resize);
    }
    if (!Double.isFinite(scale) || scale == 0) {
      throw TorchException.argument(NAME, "scale", scale, "a finite number other than 0");
    }
    mean = perChannel("mean", mean);
    std = perChannel("std", std);
    if (std.contains(0.0)) {
      throw TorchException.argument(NAME, "std", std, "numbers other than 0");
    }
  }

  private static List<Double> perChannel(String argument, List<Double> values) {
    if (values.size() != 3 || !values.stream().allMatch(v -> v != null && Double.isFinite(v))) {
      throw TorchException.argument(NAME, argument, values, "three finite numbers");
    }
    return List.copyOf(values);
  }

  /**
   * The network's input of an image.
   *
   * @param image U8, 3 x H x W, RGB
   * @return F32, 1 x 3 x crop x crop
   */
  public Tensor apply(Tensor image) {
    if (image.dtype() != DType.U8) {
      throw TorchException.type(NAME, "image", image.dtype(), "u8");
    }
    if (image.dim() != 3 || image.size(0) != 3 || image.numel() == 0) {
      throw TorchException.shape(NAME, "image", image.shape(), "3 x H x W");
    }
    long longer = Math.max(image.size(1), image.size(2));
    if (longer * resize / Math.min(image.size(1), image.size(2)) > LARGEST_RESIZED) {
      throw TorchException.shape(
          NAME,
          "image",
          image.shape(),
          "a picture whose longer side has at most " + LARGEST_RESIZED + " pixels when resized");
    }
    Tensor resized = new Resize(resize, interpolation).apply(image);
    Tensor pixels = new CenterCrop(crop).apply(resized).to(DType.F32).mul(scale);
    if (channels == Channels.BGR) {
      pixels = pixels.indexSelect(0, Torch.tensor(new long[] {2, 1, 0}));
    }
    return new Normalize(mean, std).apply(pixels).unsqueeze(0);
  }

  /** JSON with the record's fields. */
  public String toJson() {
    try {
      return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("numbers and names are always JSON", e);
    }
  }

  /**
   * Reads {@link #toJson}.
   *
   * @param origin where the text comes from, for messages
   * @throws TorchException if it is not JSON, or a field is missing, unknown or out of range
   */
  public static PreprocessCard fromJson(String origin, String json) {
    try {
      JsonNode root = JSON.readTree(json);
      Set<String> got = new TreeSet<>();
      root.fieldNames().forEachRemaining(got::add);
      if (!got.equals(FIELDS)) {
        throw notACard(origin, "its fields are " + got, null);
      }
      return JSON.treeToValue(root, PreprocessCard.class);
    } catch (JsonProcessingException e) {
      boolean ours = e.getCause() instanceof TorchException;
      throw notACard(origin, ours ? e.getCause().getMessage() : e.getOriginalMessage(), e);
    }
  }

  private static TorchException notACard(String origin, String why, Throwable cause) {
    return TorchException.format(
        origin, "is not a preprocessing card: " + why + "; a card has exactly " + FIELDS, cause);
  }

  /**
   * Reads a card's file.
   *
   * @throws IOException if it is missing or cannot be read
   */
  public static PreprocessCard load(Path file) throws IOException {
    if (Files.size(file) > MAX_BYTES) {
      throw TorchException.format(
          file.toString(), "is not a preprocessing card: larger than " + MAX_BYTES + " bytes");
    }
    byte[] bytes = Files.readAllBytes(file);
    return fromJson(file.toString(), new String(bytes, StandardCharsets.UTF_8));
  }

  /** Writes the card; the file appears complete or not at all. */
  public void save(Path file) throws IOException {
    Path part = file.resolveSibling(file.getFileName() + ".part");
    Files.writeString(part, toJson() + "\n");
    Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
  }
}
