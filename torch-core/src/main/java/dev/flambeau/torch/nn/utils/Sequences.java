package dev.flambeau.torch.nn.utils;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.nn.PackedSequence;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.IntStream;

/**
 * Sequences of several lengths, padded to one tensor or packed for recurrent networks. PyTorch:
 * {@code torch.nn.utils.rnn}.
 */
public final class Sequences {
  /** Padded sequences and their lengths, I64. */
  public record Padded(Tensor sequences, Tensor lengths) {}

  private Sequences() {}

  /**
   * Packs padded sequences.
   *
   * @param input (steps, batch, ...), or (batch, steps, ...) with {@code batchFirst}
   * @param enforceSorted whether lengths must fall; otherwise the sequences are sorted here
   */
  public static PackedSequence packPadded(
      Tensor input, long[] lengths, boolean batchFirst, boolean enforceSorted) {
    if (input.dim() < 2 || input.size(batchFirst ? 0 : 1) != lengths.length) {
      throw TorchException.shape(
          "pack_padded_sequence",
          "input",
          input.shape() + " with " + lengths.length + " lengths",
          "two dimensions at least, and a length for each of the batch");
    }
    long steps = input.size(batchFirst ? 1 : 0);
    int batch = lengths.length;
    for (int i = 0; i < batch; i++) {
      boolean falls = !enforceSorted || i == 0 || lengths[i] <= lengths[i - 1];
      if (lengths[i] < 1 || lengths[i] > steps || !falls) {
        throw TorchException.argument(
            "pack_padded_sequence",
            "lengths",
            Arrays.toString(lengths),
            "1 to " + steps + (enforceSorted ? ", falling if enforce_sorted" : ""));
      }
    }
    int[] order = falling(lengths, enforceSorted);
    long[] sizes = sizes(lengths);
    long[] rows = new long[(int) Arrays.stream(lengths).sum()];
    int at = 0;
    for (int t = 0; t < sizes.length; t++) {
      for (int i = 0; i < sizes[t]; i++) {
        rows[at++] = batchFirst ? order[i] * steps + t : (long) t * batch + order[i];
      }
    }
    Tensor data = input.flatten(0, 1).indexSelect(0, Torch.tensor(rows));
    return packed(data, sizes, order, enforceSorted);
  }

  /** The places of the lengths, the largest first. */
  private static int[] falling(long[] lengths, boolean sorted) {
    return sorted
        ? IntStream.range(0, lengths.length).toArray()
        : IntStream.range(0, lengths.length)
            .boxed()
            .sorted(Comparator.comparingLong(i -> -lengths[i]))
            .mapToInt(Integer::intValue)
            .toArray();
  }

  /** How many sequences there are at each step. */
  private static long[] sizes(long[] lengths) {
    long[] sizes = new long[(int) Arrays.stream(lengths).max().orElse(0)];
    for (long length : lengths) {
      for (int t = 0; t < length; t++) {
        sizes[t]++;
      }
    }
    return sizes;
  }

  private static PackedSequence packed(Tensor data, long[] sizes, int[] order, boolean sorted) {
    Tensor batchSizes = Torch.tensor(sizes);
    if (sorted) {
      return new PackedSequence(data, batchSizes, Optional.empty(), Optional.empty());
    }
    long[] back = new long[order.length];
    for (int i = 0; i < order.length; i++) {
      back[order[i]] = i;
    }
    return new PackedSequence(
        data,
        batchSizes,
        Optional.of(Torch.tensor(Arrays.stream(order).asLongStream().toArray())),
        Optional.of(Torch.tensor(back)));
  }

  /**
   * Packs sequences (length, ...) that differ in the first size only.
   *
   * @param enforceSorted whether lengths must fall; otherwise the sequences are sorted here
   */
  public static PackedSequence pack(List<Tensor> sequences, boolean enforceSorted) {
    long[] lengths = sequences.stream().mapToLong(s -> s.size(0)).toArray();
    return packPadded(pad(sequences, true, 0), lengths, true, enforceSorted);
  }

  /** Padded with 0 to the longest of them, in the order before sorting. */
  public static Padded padPacked(PackedSequence packed, boolean batchFirst) {
    return padPacked(packed, batchFirst, 0, OptionalLong.empty());
  }

  /**
   * The same.
   *
   * @param value what follows the shorter sequences
   * @param totalLength how long the result is; as long as the longest sequence if empty
   */
  public static Padded padPacked(
      PackedSequence packed, boolean batchFirst, double value, OptionalLong totalLength) {
    long[] sizes = packed.batchSizes().toLongArray();
    int batch = (int) sizes[0];
    long steps = totalLength.orElse(sizes.length);
    if (steps < sizes.length) {
      throw TorchException.argument(
          "pad_packed_sequence", "total_length", steps, "at least " + sizes.length);
    }
    Tensor data = packed.data();
    long[] back = packed.unsortedIndices().map(Tensor::toLongArray).orElse(null);
    long[] lengths = new long[batch];
    long[] rows = new long[Math.toIntExact(batch * steps)];
    for (int b = 0; b < batch; b++) {
      int place = back == null ? b : (int) back[b];
      long start = 0;
      for (int t = 0; t < steps; t++) {
        boolean there = t < sizes.length && place < sizes[t];
        rows[(int) (batchFirst ? b * steps + t : (long) t * batch + b)] =
            there ? start + place : data.size(0);
        lengths[b] += there ? 1 : 0;
        start += t < sizes.length ? sizes[t] : 0;
      }
    }
    Tensor padding = data.detach().narrow(0, 0, 1).fullLike(value);
    Tensor all = Torch.cat(List.of(data, padding), 0).indexSelect(0, Torch.tensor(rows));
    Tensor padded = batchFirst ? all.unflatten(0, batch, steps) : all.unflatten(0, steps, batch);
    return new Padded(padded, Torch.tensor(lengths));
  }

  /**
   * One tensor (longest, batch, ...), or (batch, longest, ...) with {@code batchFirst}, of
   * sequences (length, ...).
   *
   * @param value what follows the shorter ones
   */
  public static Tensor pad(List<Tensor> sequences, boolean batchFirst, double value) {
    if (sequences.isEmpty() || sequences.stream().anyMatch(s -> s.dim() == 0)) {
      throw TorchException.argument(
          "pad_sequence", "sequences", sequences.size() + " tensors", "one at least, none 0-d");
    }
    long longest = sequences.stream().mapToLong(s -> s.size(0)).max().getAsLong();
    List<Tensor> padded = new ArrayList<>();
    for (Tensor s : sequences) {
      long[] rest = s.shape().sizes();
      rest[0] = longest - s.size(0);
      padded.add(rest[0] == 0 ? s : Torch.cat(List.of(s, s.newZeros(rest).fill_(value)), 0));
    }
    return Torch.stack(padded, batchFirst ? 0 : 1);
  }

  /** The sequences that were padded. */
  public static List<Tensor> unpad(Tensor padded, long[] lengths, boolean batchFirst) {
    Tensor rows = batchFirst ? padded : padded.transpose(0, 1);
    if (rows.size(0) != lengths.length) {
      throw TorchException.shape(
          "unpad_sequence", "padded_sequences", padded.shape(), lengths.length + " sequences");
    }
    List<Tensor> out = new ArrayList<>();
    for (int i = 0; i < lengths.length; i++) {
      out.add(rows.select(0, i).narrow(0, 0, lengths[i]));
    }
    return out;
  }

  /** The sequences that were packed, in the order before sorting. */
  public static List<Tensor> unpack(PackedSequence packed) {
    Padded padded = padPacked(packed, true);
    return unpad(padded.sequences, padded.lengths.toLongArray(), true);
  }
}
