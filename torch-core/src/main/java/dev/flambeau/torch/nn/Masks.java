package dev.flambeau.torch.nn;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.util.List;
import java.util.Optional;

/**
 * The masks of attention as one that broadcasts to (batch, heads, queries, keys): true where a key
 * may be seen, or numbers to add to the scores.
 */
final class Masks {
  private final Tensor query;
  private final long batch;
  private final long heads;
  private final long queries;
  private final long keys;
  private final int appended;

  /** For split queries and keys, of which the last {@code appended} are always seen. */
  Masks(Tensor query, Tensor key, long heads, int appended) {
    this.query = query;
    this.batch = query.size(0);
    this.heads = heads;
    this.queries = query.size(2);
    this.keys = key.size(2) - appended;
    this.appended = appended;
  }

  Optional<Tensor> of(AttentionOptions o, boolean single) {
    Optional<Tensor> mask = o.mask.map(this::mask);
    if (mask.isEmpty() && o.causal) {
      Tensor later = Torch.arange(keys).gt(Torch.arange(queries).unsqueeze(1));
      mask = Optional.of(later);
    }
    Optional<Tensor> padding = o.keyPaddingMask.map(m -> padding(m, single));
    if (mask.isEmpty() || padding.isEmpty()) {
      return (mask.isPresent() ? mask : padding).map(this::finished);
    }
    Tensor a = mask.get();
    Tensor b = padding.get();
    return Optional.of(
        finished(
            a.dtype() == DType.BOOL && b.dtype() == DType.BOOL
                ? a.logicalOr(b)
                : added(a).add(added(b))));
  }

  private Tensor mask(Tensor mask) {
    checkType("attn_mask", mask);
    if (mask.shape().equals(Shape.of(queries, keys))) {
      return mask;
    }
    if (!mask.shape().equals(Shape.of(batch * heads, queries, keys))) {
      throw TorchException.shape(
          "MultiheadAttention",
          "attn_mask",
          mask.shape(),
          Shape.of(queries, keys) + " or " + Shape.of(batch * heads, queries, keys));
    }
    return mask.unflatten(0, batch, heads);
  }

  private Tensor padding(Tensor mask, boolean single) {
    checkType("key_padding_mask", mask);
    Shape wanted = single ? Shape.of(keys) : Shape.of(batch, keys);
    if (!mask.shape().equals(wanted)) {
      throw TorchException.shape(
          "MultiheadAttention", "key_padding_mask", mask.shape(), wanted.toString());
    }
    return mask.reshape(batch, 1, 1, keys);
  }

  private static void checkType(String argument, Tensor mask) {
    if (mask.dtype() != DType.BOOL && !mask.dtype().isFloat()) {
      throw TorchException.type(
          "MultiheadAttention", argument, mask.dtype(), "bool or a floating point type");
    }
  }

  /** As numbers to add. */
  private Tensor added(Tensor mask) {
    if (mask.dtype() != DType.BOOL) {
      return mask.to(query.dtype());
    }
    Tensor zero = query.detach().newZeros();
    return Torch.where(mask, zero.add(Double.NEGATIVE_INFINITY), zero);
  }

  /** With the appended keys, and with true for what is seen. */
  private Tensor finished(Tensor mask) {
    Tensor all = mask;
    if (appended > 0) {
      long[] sizes = mask.shape().sizes();
      sizes[sizes.length - 1] = appended;
      all = Torch.cat(List.of(mask, mask.newZeros(sizes)), -1);
    }
    return all.dtype() == DType.BOOL ? all.logicalNot() : all.to(query.dtype());
  }
}
