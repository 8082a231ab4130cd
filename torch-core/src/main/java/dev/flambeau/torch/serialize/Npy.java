package dev.flambeau.torch.serialize;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Device;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.dispatch.Backends;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import java.util.zip.ZipException;

/**
 * NumPy's files of one array, {@code .npy} of versions 1 to 3, and of several by name, {@code
 * .npz}. NumPy: {@code numpy.load(allow_pickle=False)}, {@code save}, {@code savez}. Bfloat16 has
 * no type there.
 */
public final class Npy {
  private static final String SUFFIX = ".npy";
  private static final int ALIGNMENT = 64;

  /** Deflate makes of one byte at most this many. */
  private static final long MAX_RATIO = 1032;

  private Npy() {}

  /**
   * Reads an array; column-major ones get such strides.
   *
   * @throws IOException if the file cannot be read
   * @throws TorchException if it is broken or its type has no counterpart (named)
   */
  public static Tensor load(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return read(channel, channel.size(), file.toString());
    }
  }

  /**
   * Reads all arrays of an {@code .npz} file, compressed or not, under their names without .npy.
   *
   * @throws IOException if the file cannot be read
   * @throws TorchException if it is broken or a type has no counterpart (named)
   */
  public static Map<String, Tensor> loadAll(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      Map<String, Tensor> arrays = new LinkedHashMap<>();
      for (ZipDirectory.Entry entry : ZipDirectory.read(channel, file.toString()).values()) {
        String name = entry.name();
        String label = file + ": " + name;
        String key =
            name.endsWith(SUFFIX) ? name.substring(0, name.length() - SUFFIX.length()) : name;
        arrays.put(key, entry(channel, entry, label));
      }
      return arrays;
    }
  }

  private static Tensor entry(FileChannel channel, ZipDirectory.Entry entry, String label)
      throws IOException {
    if (entry.method() == ZipDirectory.STORED) {
      channel.position(entry.position());
      return read(channel, entry.size(), label);
    }
    if (entry.size() / MAX_RATIO > entry.packed()) {
      throw TorchException.format(label, "is longer than deflate can make it");
    }
    channel.position(entry.position());
    Inflater inflater = new Inflater(true);
    try (InflaterInputStream in =
        new InflaterInputStream(
            new Limited(Channels.newInputStream(channel), entry.packed()), inflater)) {
      return read(Channels.newChannel(in), entry.size(), label);
    } catch (ZipException e) {
      throw TorchException.format(label, "its compressed data are broken: " + e.getMessage(), e);
    } finally {
      inflater.end();
    }
  }

  private static Tensor read(ReadableByteChannel in, long bytes, String label) throws IOException {
    NpyHeader header = NpyHeader.read(in, bytes, label);
    Tensor flat =
        Backends.allocate(
            Meta.contiguous(header.type(), Device.CPU, Shape.of(header.shape().numel())));
    Bytes.transfer(in::read, flat, flat.numel() * header.type().bytes());
    if (header.big()) {
      Bytes.reverse(flat);
    }
    if (header.type() == DType.BOOL) {
      Bytes.normalize(flat);
    }
    return new Tensor(flat.storage(), header.layout(), header.type());
  }

  /**
   * Writes an array in row-major order, whole or not at all.
   *
   * @throws IOException if the file cannot be written
   * @throws TorchException if it is bfloat16 or has no data
   */
  public static void save(Tensor array, Path file) throws IOException {
    byte[] header = NpyHeader.write(array, ALIGNMENT);
    WholeFile.writeChannel(
        file,
        channel -> {
          ByteBuffer start = ByteBuffer.wrap(header);
          while (start.hasRemaining()) {
            channel.write(start);
          }
          Tensor t = array.detach().contiguous();
          Bytes.transfer(channel::write, t, t.numel() * t.dtype().bytes());
        });
  }

  /**
   * Writes arrays, uncompressed, whole or not at all.
   *
   * @throws IOException if the file cannot be written
   * @throws TorchException if one is bfloat16 or has no data
   */
  public static void saveAll(Map<String, Tensor> arrays, Path file) throws IOException {
    Map<String, byte[]> headers = new LinkedHashMap<>();
    arrays.forEach((name, t) -> headers.put(name, NpyHeader.write(t, ALIGNMENT)));
    WholeFile.writeChannel(
        file,
        channel -> {
          ZipWriter zip = new ZipWriter(channel, ALIGNMENT);
          for (Map.Entry<String, byte[]> entry : headers.entrySet()) {
            Tensor t = arrays.get(entry.getKey()).detach().contiguous();
            zip.add(entry.getKey() + SUFFIX, entry.getValue(), t);
          }
          zip.finish();
        });
  }
}
