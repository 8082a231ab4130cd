package dev.flambeau.torch.logging;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/** Pictures (C, H, W) with 1, 3 or 4 channels as PNG files. Format: W3C PNG, 8 bits a sample. */
final class Png {
  private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  private static final int[] COLOR_TYPES = {-1, 0, -1, 2, 6};
  private static final long MAX_BYTES = 1L << 28;

  private Png() {}

  /** Floats 0..1 become 0..255, as PyTorch's SummaryWriter does; U8 stay. */
  static byte[] encode(Tensor picture) {
    long[] sizes = picture.shape().sizes();
    if (sizes.length != 3
        || sizes[0] > 4
        || COLOR_TYPES[(int) sizes[0]] < 0
        || sizes[1] < 1
        || sizes[2] < 1
        || picture.numel() > MAX_BYTES) {
      throw TorchException.shape(
          "addImage", "image", picture.shape(), "(1, 3 or 4, height, width), up to 256 MB");
    }
    if (picture.dtype() != DType.U8 && !picture.dtype().isFloat()) {
      throw TorchException.type("addImage", "image", picture.dtype(), "U8 or floats in 0..1");
    }
    Tensor rows = picture.detach().permute(1, 2, 0).contiguous();
    byte[] samples =
        picture.dtype() == DType.U8
            ? rows.toByteArray()
            : rows.to(DType.F32).mul(255).clamp(0, 255).to(DType.U8).toByteArray();
    return encode(samples, (int) sizes[0], (int) sizes[1], (int) sizes[2]);
  }

  /** From rows of samples, top to bottom. */
  static byte[] encode(byte[] samples, int channels, int height, int width) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(SIGNATURE);
    ByteBuffer header = ByteBuffer.allocate(13).putInt(width).putInt(height);
    header.put((byte) 8).put((byte) COLOR_TYPES[channels]);
    chunk(out, "IHDR", header.array());
    chunk(out, "IDAT", compressed(samples, height, width * channels));
    chunk(out, "IEND", new byte[0]);
    return out.toByteArray();
  }

  /** Each row after a 0, which says that it is not filtered. */
  private static byte[] compressed(byte[] samples, int height, int rowBytes) {
    byte[] raw = new byte[height * (rowBytes + 1)];
    for (int y = 0; y < height; y++) {
      System.arraycopy(samples, y * rowBytes, raw, y * (rowBytes + 1) + 1, rowBytes);
    }
    try (Deflater deflater = new Deflater()) {
      deflater.setInput(raw);
      deflater.finish();
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      byte[] buffer = new byte[1 << 14];
      while (!deflater.finished()) {
        out.write(buffer, 0, deflater.deflate(buffer));
      }
      return out.toByteArray();
    }
  }

  private static void chunk(ByteArrayOutputStream out, String type, byte[] data) {
    byte[] name = type.getBytes(StandardCharsets.US_ASCII);
    CRC32 crc = new CRC32();
    crc.update(name);
    crc.update(data);
    out.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(data.length).array());
    out.writeBytes(name);
    out.writeBytes(data);
    out.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt((int) crc.getValue()).array());
  }
}
