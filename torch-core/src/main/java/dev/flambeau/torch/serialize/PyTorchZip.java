package dev.flambeau.torch.serialize;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Device;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Storage;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.backend.Memory;
import dev.flambeau.torch.dispatch.Backends;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/** The zip form: NAME/data.pkl, NAME/data/KEY for each storage, NAME/version, all stored as is. */
final class PyTorchZip {
  private static final int ALIGNMENT = 64;
  private static final int CHUNK = 1 << 20;
  private static final int LARGEST_PICKLE = 1 << 30;

  /** Bytes of a local header before name and extra field. */
  private static final int HEADER = 30;

  private PyTorchZip() {}

  static Object load(Path file) throws IOException {
    try (ZipFile zip = new ZipFile(file.toFile())) {
      return new Reader(zip, file).read();
    } catch (ZipException | EOFException e) {
      throw TorchException.format(file.toString(), "is no sound zip archive: " + e, e);
    }
  }

  private static final class Reader extends PickleNames {
    private final ZipFile zip;
    private final long size;
    private final Map<String, Elements> storages = new HashMap<>();
    private String folder;
    private long taken;

    Reader(ZipFile zip, Path path) throws IOException {
      super(path.toString());
      this.zip = zip;
      this.size = Files.size(path);
    }

    Object read() throws IOException {
      ZipEntry pickle =
          zip.stream()
              .filter(e -> e.getName().endsWith("/data.pkl") || e.getName().equals("data.pkl"))
              .findFirst()
              .map(ZipEntry.class::cast)
              .orElseThrow(() -> wrong("has no data.pkl: no checkpoint of PyTorch"));
      String name = pickle.getName();
      folder = name.substring(0, name.length() - "data.pkl".length());
      if (zip.getEntry(folder + "constants.pkl") != null) {
        throw wrong("is a TorchScript program, which is not loaded; save a state_dict instead");
      }
      ZipEntry order = zip.getEntry(folder + "byteorder");
      if (order != null && order.getSize() < 16) {
        try (InputStream in = open(order)) {
          String text = new String(in.readAllBytes(), StandardCharsets.US_ASCII).strip();
          if (!text.equals("little")) {
            throw wrong("has byte order '" + text + "'; allowed: little");
          }
        }
      }
      if (pickle.getSize() > LARGEST_PICKLE) {
        throw wrong("has a data.pkl of " + pickle.getSize() + " bytes");
      }
      try (InputStream in = open(pickle)) {
        byte[] all = in.readNBytes((int) pickle.getSize());
        return new PickleReader(ByteBuffer.wrap(all), this, file).read();
      }
    }

    /** Entries must be stored as they are, and all of them together be no larger than the file. */
    private InputStream open(ZipEntry entry) throws IOException {
      if (entry.getMethod() != ZipEntry.STORED || entry.getSize() != entry.getCompressedSize()) {
        throw wrong(entry.getName() + " is compressed, which PyTorch never does");
      }
      taken += entry.getSize();
      if (entry.getSize() < 0 || taken > size) {
        throw wrong("its entries are larger than the file");
      }
      return zip.getInputStream(entry);
    }

    @Override
    public Object persistent(Object id) {
      if (!(id instanceof List<?> list)
          || list.size() < 5
          || !"storage".equals(list.get(0))
          || !(list.get(1) instanceof StorageKind kind)
          || !(list.get(2) instanceof String key)
          || !(list.get(4) instanceof Long count)) {
        throw wrong("refers to something that is no storage");
      }
      Elements known = storages.get(key);
      if (known != null) {
        if (known.type() != kind.type()) {
          throw wrong("uses storage " + key + " with two element types");
        }
        return known;
      }
      try {
        Elements read = read(key, kind, count);
        storages.put(key, read);
        return read;
      } catch (IOException e) {
        throw wrong("storage " + key + " cannot be read: " + e.getMessage());
      }
    }

    private Elements read(String key, StorageKind kind, long count) throws IOException {
      ZipEntry entry = zip.getEntry(folder + "data/" + key);
      int width = kind.type() == null ? 1 : kind.type().bytes();
      if (entry == null || count < 0 || entry.getSize() / width != count) {
        throw wrong(
            "storage "
                + key
                + (entry == null ? " is missing" : " has " + entry.getSize() + " bytes")
                + "; its tensors need "
                + count
                + " elements of "
                + width);
      }
      try (InputStream in = open(entry)) {
        DType type = kind.type() == null ? DType.U8 : kind.type();
        Tensor t = Backends.allocate(Meta.contiguous(type, Device.CPU, Shape.of(count)));
        Bytes.transfer(Channels.newChannel(in)::read, t, count * width);
        return new Elements(t.storage(), kind.type(), 0, count);
      }
    }
  }

  static void save(Object object, Path file) throws IOException {
    PickleWriter pickle = new PickleWriter();
    byte[] data = pickle.write(object);
    WholeFile.writeChannel(
        file,
        channel -> {
          OutputStream out = Channels.newOutputStream(channel);
          Counting counting = new Counting(out);
          ZipOutputStream zip = new ZipOutputStream(counting);
          zip.setMethod(ZipOutputStream.STORED);
          entry(zip, counting, "archive/data.pkl", ByteBuffer.wrap(data));
          entry(zip, counting, "archive/byteorder", ascii("little"));
          for (int key = 0; key < pickle.storages().size(); key++) {
            storage(zip, counting, "archive/data/" + key, pickle.storages().get(key));
          }
          entry(zip, counting, "archive/version", ascii("3\n"));
          zip.finish();
        });
  }

  private static ByteBuffer ascii(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static void entry(ZipOutputStream zip, Counting out, String name, ByteBuffer data)
      throws IOException {
    CRC32 crc = new CRC32();
    crc.update(data.duplicate());
    begin(zip, out, name, data.remaining(), crc.getValue());
    zip.write(data.array());
    zip.closeEntry();
  }

  private static void storage(ZipOutputStream zip, Counting out, String name, Storage storage)
      throws IOException {
    CRC32 crc = new CRC32();
    for (long at = 0; at < storage.bytes(); at += CHUNK) {
      long part = Math.min(CHUNK, storage.bytes() - at);
      crc.update(Memory.ALL.asSlice(storage.address() + at, part).asByteBuffer());
    }
    begin(zip, out, name, storage.bytes(), crc.getValue());
    byte[] buffer = new byte[(int) Math.min(CHUNK, storage.bytes())];
    for (long at = 0; at < storage.bytes(); at += CHUNK) {
      int part = (int) Math.min(CHUNK, storage.bytes() - at);
      Memory.ALL.asSlice(storage.address() + at, part).asByteBuffer().get(buffer, 0, part);
      zip.write(buffer, 0, part);
    }
    zip.closeEntry();
  }

  /** Starts an entry whose data begin at a multiple of 64 bytes, as PyTorch's do. */
  private static void begin(ZipOutputStream zip, Counting out, String name, long size, long crc)
      throws IOException {
    ZipEntry entry = new ZipEntry(name);
    entry.setSize(size);
    entry.setCompressedSize(size);
    entry.setCrc(crc);
    entry.setTime(315_532_800_000L + 86_400_000L); // 1980, the same bytes for the same content
    zip.flush();
    // Zip64 sizes take 20 bytes of the extra field; a filler has a header of 4.
    int own = size >= 0xffffffffL ? 20 : 0;
    long start = out.count + HEADER + name.length() + own + 4;
    byte[] filler = new byte[4 + (int) (-start & ALIGNMENT - 1)];
    filler[0] = 'F';
    filler[1] = 'B';
    filler[2] = (byte) (filler.length - 4);
    entry.setExtra(filler);
    zip.putNextEntry(entry);
  }

  /** Knows how many bytes went through. */
  private static final class Counting extends OutputStream {
    private final OutputStream out;
    private long count;

    Counting(OutputStream out) {
      this.out = out;
    }

    @Override
    public void write(int b) throws IOException {
      out.write(b);
      count++;
    }

    @Override
    public void write(byte[] b, int offset, int length) throws IOException {
      out.write(b, offset, length);
      count += length;
    }
  }
}
