package dev.flambeau.torch.nn;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Sequences of several lengths without padding: the first elements of all, then the second ones of
 * those that have one, and so on, the longest sequence first. Made by {@code utils.Sequences}.
 * PyTorch: {@code torch.nn.utils.rnn.PackedSequence}.
 *
 * @param data (elements of all sequences, ...)
 * @param batchSizes how many sequences are still there at each step, I64, falling
 * @param sortedIndices the place before sorting of each sequence; none: they came sorted
 * @param unsortedIndices the place after sorting of each sequence
 */
public record PackedSequence(
    Tensor data,
    Tensor batchSizes,
    Optional<Tensor> sortedIndices,
    Optional<Tensor> unsortedIndices) {
  /**
   * Checks that the parts fit together.
   *
   * @throws TorchException if the batch sizes rise, are not positive or do not add up
   */
  public PackedSequence {
    if (data.dim() == 0 || batchSizes.dim() != 1 || batchSizes.dtype() != DType.I64) {
      throw TorchException.shape(
          "PackedSequence",
          "batch_sizes",
          batchSizes.dtype() + " " + batchSizes.shape() + " of data " + data.shape(),
          "one dimension of I64, and data of one at least");
    }
    long[] sizes = batchSizes.toLongArray();
    boolean falling = true;
    for (int i = 0; i < sizes.length; i++) {
      falling &= sizes[i] > 0 && (i == 0 || sizes[i] <= sizes[i - 1]);
    }
    if (sizes.length == 0 || !falling || Arrays.stream(sizes).sum() != data.size(0)) {
      throw TorchException.argument(
          "PackedSequence",
          "batch_sizes",
          Arrays.toString(sizes),
          "falling, positive sizes that add up to " + data.size(0));
    }
    long batch = sizes[0];
    for (Optional<Tensor> order : List.of(sortedIndices, unsortedIndices)) {
      if (order.isPresent() && (order.get().dim() != 1 || order.get().size(0) != batch)) {
        throw TorchException.shape(
            "PackedSequence", "indices", order.get().shape(), "one for each of " + batch);
      }
    }
  }

  /** Other data in the same arrangement. */
  public PackedSequence withData(Tensor other) {
    return new PackedSequence(other, batchSizes, sortedIndices, unsortedIndices);
  }

  /** The batch sizes as numbers. */
  List<Long> sizes() {
    return Arrays.stream(batchSizes.toLongArray()).boxed().toList();
  }
}
