package dev.flambeau.torch.catalog;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.util.ArrayList;
import java.util.List;

/**
 * Vectors are compared up to their signs, and only as many as there are values: further ones are
 * any basis of a space.
 *
 * @param columns the output whose columns are vectors; output 0 or 1 holds the values
 * @param partners the output whose rows, or columns if it is square the other way, change sign with
 *     them; -1: none
 */
record Signs(int columns, int partners) implements Comparison {
  private Tensor values(List<Tensor> outputs) {
    return outputs.get(columns == 0 ? 1 : 0);
  }

  /** Vectors as columns, those that have a value. */
  private static Tensor cut(Tensor x, long count) {
    return x.narrow(-1, 0, Math.min(count, x.size(-1)));
  }

  /** Whether the partner's vectors are its rows: named so by the call. */
  private static boolean rows(Arguments call) {
    return call.peek("full_matrices") != null || call.peek("some") == null;
  }

  @Override
  public List<Tensor> determined(Arguments call, List<Tensor> outputs) {
    List<Tensor> all = new ArrayList<>(outputs);
    long count = values(outputs).size(-1);
    Tensor vectors = outputs.get(columns);
    if (vectors.dim() < 2) {
      return all;
    }
    Tensor first = cut(vectors.detach(), count);
    Tensor sign = canonical(first);
    all.set(columns, first.mul(sign));
    if (partners >= 0) {
      Tensor partner = outputs.get(partners).detach();
      Tensor second = cut(rows(call) ? partner.mT() : partner, count);
      all.set(partners, second.mul(sign));
    }
    return all;
  }

  /** The sign of a sum that is hardly ever near 0. */
  private static Tensor canonical(Tensor vectors) {
    Tensor weights =
        Torch.arange(vectors.size(-2)).to(vectors.dtype()).mul(0.37).add(1).unsqueeze(-1);
    return vectors.mul(weights).sum(new int[] {-2}, true).sign();
  }

  @Override
  public Tensor weight(Tensor weight, int output, List<Tensor> ours, List<Tensor> theirs) {
    if (output != columns && output != partners || ours.get(columns).dim() < 2) {
      return weight;
    }
    long count = values(ours).size(-1);
    Tensor same =
        cut(ours.get(columns).detach(), count)
            .mul(cut(theirs.get(columns), count))
            .sum(new int[] {-2}, true)
            .sign();
    Tensor x = ours.get(output);
    boolean byRows = output == partners && byRows(ours, theirs, same);
    Tensor padded = padded(same, byRows ? x.size(-2) : x.size(-1));
    return weight.mul(byRows ? padded.mT() : padded);
  }

  /** Whether the signs fit the partner's rows better than its columns. */
  private boolean byRows(List<Tensor> ours, List<Tensor> theirs, Tensor same) {
    Tensor x = ours.get(partners).detach();
    Tensor rows = x.mul(padded(same, x.size(-2)).mT()).sub(theirs.get(partners)).abs();
    if (same.size(-1) > x.size(-1)) {
      return true;
    }
    Tensor columns = x.mul(padded(same, x.size(-1))).sub(theirs.get(partners)).abs();
    long count = same.size(-1);
    return cut(rows.mT(), count).sum().item() < cut(columns, count).sum().item();
  }

  /** With ones for the vectors that have no value. */
  private static Tensor padded(Tensor signs, long size) {
    long missing = size - signs.size(-1);
    if (missing <= 0) {
      return signs;
    }
    long[] sizes = signs.shape().sizes();
    sizes[sizes.length - 1] = missing;
    Tensor ones = Torch.full(signs.dtype(), 1, sizes);
    return Torch.cat(List.of(signs, ones), -1);
  }
}
