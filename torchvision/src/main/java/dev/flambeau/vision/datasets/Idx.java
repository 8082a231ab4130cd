package dev.flambeau.vision.datasets;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/** Reads the idx format of the MNIST family: a type, sizes, and the elements, big-endian. */
final class Idx {
  private static final int UNSIGNED_BYTE = 8;
  private static final int MAX_RANK = 4;
  private static final long MAX_ELEMENTS = 1L << 30;

  private Idx() {}

  /**
   * The bytes of a file, gzipped if its name ends in {@code .gz}, as a U8 tensor.
   *
   * @throws TorchException if it is not an idx file of bytes, or ends early or late
   */
  static Tensor read(Path file) throws IOException {
    boolean packed = file.toString().endsWith(".gz");
    try (InputStream raw = Files.newInputStream(file);
        InputStream content = packed ? new GZIPInputStream(raw, 1 << 16) : raw;
        DataInputStream in = new DataInputStream(new BufferedInputStream(content))) {
      long[] sizes = sizes(in, file);
      long count = elements(sizes, file);
      byte[] values = in.readNBytes((int) count);
      if (values.length < count) {
        throw new EOFException();
      }
      if (in.read() >= 0) {
        throw TorchException.format(
            file.toString(), "more bytes than the " + count + " its header states");
      }
      return Torch.tensor(values, sizes);
    } catch (EOFException e) {
      throw TorchException.format(file.toString(), "the file is truncated", e);
    } catch (ZipException e) {
      throw TorchException.format(file.toString(), "not a sound gzip file", e);
    }
  }

  private static long[] sizes(DataInputStream in, Path file) throws IOException {
    int magic = in.readInt();
    int rank = magic & 0xff;
    if (magic >>> 8 != UNSIGNED_BYTE || rank < 1 || rank > MAX_RANK) {
      throw TorchException.format(
          file.toString(), String.format("starts with %08x; allowed: an idx file of bytes", magic));
    }
    long[] sizes = new long[rank];
    for (int i = 0; i < rank; i++) {
      sizes[i] = Integer.toUnsignedLong(in.readInt());
    }
    return sizes;
  }

  private static long elements(long[] sizes, Path file) {
    long count = 1;
    for (long size : sizes) {
      if (size < 1 || size > MAX_ELEMENTS / count) {
        throw TorchException.format(
            file.toString(),
            "its sizes are " + Arrays.toString(sizes) + "; allowed: 1 to 2^30 elements in all");
      }
      count *= size;
    }
    return count;
  }
}
