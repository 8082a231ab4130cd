package dev.flambeau.torch.serialize;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * PyTorch's checkpoints (.pt, .pth, .th, .bin), as {@code torch.save} writes them: zip archives
 * since 1.6, and the sequences of pickles from before. Loading runs no code: like {@code
 * torch.load(weights_only=True)} it knows tensors, numbers, texts and containers, and refuses all
 * else by name. Memory is bounded by the file's size.
 */
public final class PyTorchFile {
  private static final int ZIP = 0x504b0304;

  private PyTorchFile() {}

  /**
   * What was saved: maps ({@code dict}), lists (also for tuples), sets, tensors, {@code Shape},
   * {@code DType}, String (also for devices), Long, {@code BigInteger}, Double, Boolean, byte[],
   * null. Tensors that shared memory share it.
   *
   * @throws IOException if the file cannot be read
   * @throws TorchException if it is not a sound checkpoint, or has something that is not allowed
   */
  public static Object load(Path file) throws IOException {
    int magic = 0;
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      if (channel.size() >= Integer.BYTES) {
        ByteBuffer first = ByteBuffer.allocate(Integer.BYTES);
        Bytes.readFully(channel, first);
        magic = first.getInt(0);
      }
    }
    try {
      return magic == ZIP ? PyTorchZip.load(file) : PyTorchLegacy.load(file);
    } catch (StackOverflowError _) {
      throw TorchException.format(file.toString(), "is nested too deeply");
    }
  }

  /**
   * The tensors of a saved state_dict: of the map itself, or of the one under "state_dict" or
   * "model" where the file is a whole checkpoint. The prefix "module." of parallel training is
   * taken off where all names have it.
   *
   * @throws TorchException also if there is no such map
   */
  public static Map<String, Tensor> stateDict(Path file) throws IOException {
    Object loaded = load(file);
    for (String part : new String[] {"state_dict", "model_state_dict", "model"}) {
      if (loaded instanceof Map<?, ?> map && map.get(part) instanceof Map<?, ?> inner) {
        loaded = inner;
        break;
      }
    }
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    if (loaded instanceof Map<?, ?> map) {
      map.forEach(
          (name, value) -> {
            if (name instanceof String text && value instanceof Tensor t) {
              tensors.put(text, t);
            }
          });
    }
    if (tensors.isEmpty()) {
      throw TorchException.format(
          file.toString(), "has no named tensors; PyTorchFile.load shows what it has");
    }
    String prefix = "module.";
    if (tensors.keySet().stream().allMatch(name -> name.startsWith(prefix))) {
      Map<String, Tensor> plain = new LinkedHashMap<>();
      tensors.forEach((name, t) -> plain.put(name.substring(prefix.length()), t));
      return plain;
    }
    return tensors;
  }

  /**
   * Writes maps, lists, tensors, shapes, element types, texts, numbers, booleans, byte[] and null
   * so that {@code torch.load} of PyTorch 1.6 and later reads them, {@code weights_only=True} of
   * 2.0 and later too. The file appears when it is complete.
   *
   * @throws IOException if the file cannot be written
   * @throws TorchException if there is an object of another kind, or a meta tensor
   */
  public static void save(Object object, Path file) throws IOException {
    PyTorchZip.save(object, file);
  }
}
