package dev.flambeau.vision.io;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.backend.Memory;
import dev.flambeau.vision.io.jpeg2000.Jpeg2000;
import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.opencv_core.Mat;

/**
 * Image files as U8 tensors (3, height, width), RGB, and back. Grey pictures get three equal
 * channels, 16-bit ones their upper 8 bits, transparency is dropped. PyTorch: {@code
 * torchvision.io.decode_image(mode=RGB)}, which does not turn pictures as EXIF says; here that is
 * the default.
 */
public final class Images {
  /** The largest picture decoded, in pixels. */
  public static final long MAX_PIXELS = 1L << 28;

  private static final long MAX_BYTES = 1L << 30;
  private static final int CHANNELS = 3;

  private Images() {}

  /**
   * Reads a JPEG, JPEG 2000, PNG, WebP, BMP, TIFF or PPM file, turned upright as its EXIF
   * orientation says.
   *
   * @throws NoSuchFileException if there is no such file
   * @throws TorchException if it is no picture, is cut off, or is larger than {@link #MAX_PIXELS}
   */
  public static Tensor read(Path file) throws IOException {
    return read(file, true);
  }

  /**
   * The same.
   *
   * @param upright whether to apply the EXIF orientation
   */
  public static Tensor read(Path file, boolean upright) throws IOException {
    if (!Files.exists(file)) {
      throw new NoSuchFileException(file.toString());
    }
    if (!Files.isRegularFile(file) || Files.size(file) > MAX_BYTES) {
      throw TorchException.format(file.toString(), "not a file of at most 1 GiB");
    }
    return decode(Files.readAllBytes(file), file.toString(), upright);
  }

  /**
   * Decodes a file's content.
   *
   * @param name what errors call it
   */
  public static Tensor decode(byte[] bytes, String name, boolean upright) {
    byte[] whole = ImageHeader.check(bytes, name, MAX_PIXELS);
    if (Jpeg2000.matches(whole)) {
      Jpeg2000.Picture picture = Jpeg2000.decode(whole, name, MAX_PIXELS);
      Tensor rows = Torch.tensor(picture.pixels(), picture.height(), picture.width(), CHANNELS);
      return rows.permute(2, 0, 1).contiguous();
    }
    int flags = opencv_imgcodecs.IMREAD_COLOR_RGB;
    if (!upright) {
      flags |= opencv_imgcodecs.IMREAD_IGNORE_ORIENTATION;
    }
    try (BytePointer data = new BytePointer(whole);
        Mat encoded = new Mat(1, whole.length, opencv_core.CV_8UC1, data);
        Mat image = opencv_imgcodecs.imdecode(encoded, flags)) {
      if (image.empty()) {
        throw TorchException.format(name, "not a picture in a known format, or damaged");
      }
      return toTensor(image);
    } catch (TorchException e) {
      throw e;
    } catch (RuntimeException e) {
      throw TorchException.format(name, "cannot be decoded: " + e.getMessage(), e);
    }
  }

  private static Tensor toTensor(Mat image) {
    int height = image.rows();
    int width = image.cols();
    Tensor rows = Torch.empty(DType.U8, height, width, CHANNELS);
    Memory.copy(image.data().address(), rows.address(), rows.numel());
    return rows.permute(2, 0, 1).contiguous();
  }

  /** Writes a U8 tensor (3 or 1, height, width) as PNG; the file appears complete or not at all. */
  public static void writePng(Tensor image, Path file) throws IOException {
    write(encode(image, ".png", new int[0]), file);
  }

  /**
   * Writes a U8 tensor (3 or 1, height, width) as JPEG.
   *
   * @param quality 1 to 100; PyTorch's default is 75
   */
  public static void writeJpeg(Tensor image, Path file, int quality) throws IOException {
    if (quality < 1 || quality > 100) {
      throw TorchException.argument("writeJpeg", "quality", quality, "1 to 100");
    }
    write(encode(image, ".jpg", new int[] {opencv_imgcodecs.IMWRITE_JPEG_QUALITY, quality}), file);
  }

  private static byte[] encode(Tensor image, String format, int[] options) {
    boolean fits = image.dim() == 3 && (image.size(0) == 1 || image.size(0) == CHANNELS);
    if (image.dtype() != DType.U8 || !fits || image.numel() == 0) {
      throw TorchException.shape(
          "encode",
          "image",
          image.dtype() + " " + image.shape(),
          "U8 (1 or 3, height, width), not empty");
    }
    int channels = (int) image.size(0);
    int type = opencv_core.CV_8UC(channels);
    Tensor ordered =
        channels == 1 ? image : image.indexSelect(0, Torch.tensor(new long[] {2, 1, 0}));
    Tensor packed = ordered.permute(1, 2, 0).contiguous();
    byte[] pixels = packed.toByteArray();
    try (BytePointer data = new BytePointer(pixels);
        Mat mat = new Mat((int) image.size(1), (int) image.size(2), type, data);
        BytePointer out = new BytePointer();
        IntPointer parameters = new IntPointer(options)) {
      if (!opencv_imgcodecs.imencode(format, mat, out, parameters)) {
        throw TorchException.argument(
            "encode", "image", image.shape(), "a picture that fits " + format);
      }
      byte[] bytes = new byte[(int) out.limit()];
      out.get(bytes);
      return bytes;
    }
  }

  private static void write(byte[] bytes, Path file) throws IOException {
    Path target = file.toAbsolutePath();
    Path part = Files.createTempFile(target.getParent(), ".image", ".part");
    try {
      Files.write(part, bytes);
      try {
        Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
      } catch (AtomicMoveNotSupportedException e) {
        Files.move(part, target, StandardCopyOption.REPLACE_EXISTING);
      }
    } finally {
      Files.deleteIfExists(part);
    }
  }
}
