package dev.flambeau.torch.serialize;

import dev.flambeau.torch.Device;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.dispatch.Backends;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Metadata and tensors of a GGUF file, versions 2 and 3, little-endian: F32, F16, BF16, F64, the
 * integers, and Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q4_K, Q5_K, Q6_K as the F32 they stand for; shapes in
 * PyTorch's order (GGUF stores them innermost first). Format: ggml, docs/gguf.md.
 *
 * @param metadata values are String, Long, Double, Boolean or a List of them
 */
public record Gguf(Map<String, Object> metadata, Map<String, Tensor> tensors) {
  /**
   * Reads a file; its header is bounded and checked before any tensor is read.
   *
   * @throws IOException if the file cannot be read
   * @throws dev.flambeau.torch.TorchException if it is not a sound GGUF file, or holds a tensor of
   *     another type (named)
   */
  public static Gguf load(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      GgufHeader header = GgufHeader.read(channel, file.toString());
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      for (GgufHeader.Entry entry : header.entries()) {
        Meta meta = Meta.contiguous(entry.type().dtype(), Device.CPU, entry.shape());
        Tensor t = Backends.allocate(meta);
        channel.position(header.data() + entry.offset());
        if (entry.type().block() > 1) {
          GgufBlocks.read(channel, entry.type(), t);
        } else {
          Bytes.transfer(channel::read, t, t.numel() * t.dtype().bytes());
        }
        tensors.put(entry.name(), t);
      }
      return new Gguf(
          Collections.unmodifiableMap(header.metadata()), Collections.unmodifiableMap(tensors));
    }
  }
}
