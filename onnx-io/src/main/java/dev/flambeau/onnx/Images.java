package dev.flambeau.onnx;

import static dev.flambeau.onnx.Registry.since;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.util.Optional;
import java.util.ServiceLoader;

/** ImageDecoder by the {@link ImageReader} that is there. */
final class Images {
  /** Shares of red, green and blue in grey (ITU-R BT.601), of 65536, as Pillow rounds them. */
  private static final long[] GREY = {19595, 38470, 7471};

  private Images() {}

  static void register(Registry r) {
    r.plain("ImageDecoder", since(20), c -> new Tensor[] {decode(c)});
  }

  static Optional<ImageReader> reader() {
    return ServiceLoader.load(ImageReader.class).findFirst();
  }

  /** (bytes) -> (height, width, channels); nothing is left of what cannot be decoded. */
  private static Tensor decode(Call c) {
    Tensor encoded = c.in(0);
    if (encoded.dtype() != DType.U8) {
      throw c.bad("encoded_stream", encoded.dtype(), "bytes");
    }
    String format = c.node().s("pixel_format", "RGB");
    int channels =
        switch (format) {
          case "RGB", "BGR" -> 3;
          case "Grayscale" -> 1;
          default -> throw c.bad("pixel_format", format, "RGB, BGR, Grayscale");
        };
    ImageReader reader =
        reader()
            .orElseThrow(
                () ->
                    c.bad(
                        "reader",
                        "no ImageReader on the class path",
                        "that of module zoo (dev.flambeau:zoo), or your own as a service"));
    Optional<Tensor> picture = reader.read(encoded.contiguous().toByteArray());
    if (picture.isEmpty()) {
      return Torch.zeros(DType.U8, 0, 0, channels);
    }
    Tensor rgb = picture.get();
    return switch (format) {
      case "RGB" -> rgb;
      case "BGR" -> rgb.flip(2);
      default -> grey(rgb);
    };
  }

  private static Tensor grey(Tensor rgb) {
    Tensor shares = Torch.tensor(GREY, 1, 1, 3);
    Tensor sum = rgb.to(DType.I64).mul(shares).sum(new int[] {2}, true);
    return sum.add(1L << 15).bitwiseRightShift(Torch.full(DType.I64, 16)).to(DType.U8);
  }
}
