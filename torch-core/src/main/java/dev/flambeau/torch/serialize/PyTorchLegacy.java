package dev.flambeau.torch.serialize;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Device;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.dispatch.Backends;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The form before 1.6: pickles of a magic number, a version, facts of the system, the object and
 * the keys of its storages, then the storages, each a count and its elements.
 */
final class PyTorchLegacy extends PickleNames {
  private static final BigInteger MAGIC = new BigInteger("1950a86a20f9469cfc6c", 16);
  private static final long VERSION = 1001;

  private record Pending(Tensor memory, Elements elements) {}

  private final Map<String, Pending> storages = new HashMap<>();
  private final FileChannel channel;
  private final long size;
  private long taken;

  private PyTorchLegacy(Path file, FileChannel channel) throws IOException {
    super(file.toString());
    this.channel = channel;
    this.size = channel.size();
  }

  static Object load(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return new PyTorchLegacy(file, channel).read();
    }
  }

  private Object read() throws IOException {
    ByteBuffer in =
        channel.map(FileChannel.MapMode.READ_ONLY, 0, Math.min(size, Integer.MAX_VALUE));
    if (in.remaining() < 2 || in.get(0) != (byte) 0x80 || !MAGIC.equals(pickle(in))) {
      throw wrong("is no checkpoint of PyTorch, neither a zip archive nor its older form");
    }
    if (!Long.valueOf(VERSION).equals(pickle(in))) {
      throw wrong("has another version of the older form than " + VERSION);
    }
    if (pickle(in) instanceof Map<?, ?> system
        && Boolean.FALSE.equals(system.get("little_endian"))) {
      throw wrong("has big-endian numbers; allowed: little-endian");
    }
    Object object = pickle(in);
    if (!(pickle(in) instanceof List<?> keys)) {
      throw wrong("has no list of storages");
    }
    channel.position(in.position());
    ByteBuffer count = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (Object key : keys) {
      Pending pending = storages.remove(String.valueOf(key));
      if (pending == null) {
        throw wrong("has storage " + key + " twice, or nothing uses it");
      }
      Bytes.readFully(channel, count.clear());
      if (count.getLong(0) != pending.elements.count()) {
        throw wrong(
            "storage %s has %d elements; its tensors need %d"
                .formatted(key, count.getLong(0), pending.elements.count()));
      }
      long bytes = pending.elements.count() * pending.memory.dtype().bytes();
      if (bytes > size - channel.position()) {
        throw wrong("ends within storage " + key);
      }
      Bytes.transfer(channel::read, pending.memory, bytes);
    }
    if (!storages.isEmpty()) {
      throw wrong("lacks storages " + storages.keySet());
    }
    return object;
  }

  private Object pickle(ByteBuffer in) {
    return new PickleReader(in, this, file).read();
  }

  @Override
  public Object persistent(Object id) {
    if (!(id instanceof List<?> list)
        || list.size() < 5
        || !"storage".equals(list.get(0))
        || !(list.get(1) instanceof StorageKind kind)
        || kind.type() == null
        || !(list.get(4) instanceof Long count)) {
      throw wrong("refers to something that is no storage, such as the code of a module");
    }
    String key = String.valueOf(list.get(2));
    Pending known = storages.get(key);
    if (known == null) {
      DType type = kind.type();
      if (count < 0 || count > (size - taken) / type.bytes()) {
        throw wrong("storage " + key + " of " + count + " elements is larger than the file");
      }
      taken += count * type.bytes();
      Tensor memory = Backends.allocate(Meta.contiguous(type, Device.CPU, Shape.of(count)));
      known = new Pending(memory, new Elements(memory.storage(), type, 0, count));
      storages.put(key, known);
    } else if (known.elements.type() != kind.type() || known.elements.count() != count) {
      throw wrong("uses storage " + key + " with two types or sizes");
    }
    return list.size() > 5 && list.get(5) instanceof List<?> view
        ? part(known.elements, view)
        : known.elements;
  }

  /** A view of a storage: key, first element, count. */
  private Elements part(Elements whole, List<?> view) {
    if (view.size() < 3
        || !(view.get(1) instanceof Long first)
        || !(view.get(2) instanceof Long count)
        || first < 0
        || count < 0
        || first > whole.count() - count) {
      throw wrong("has a view that does not fit into its storage");
    }
    return new Elements(whole.storage(), whole.type(), first, count);
  }
}
