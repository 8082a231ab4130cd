package dev.flambeau.torch.op;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Layout;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Mode;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.dispatch.Dispatcher;
import java.util.Arrays;
import java.util.Optional;

/**
 * softmax(scale q k^T + mask) v and the softmax (Vaswani et al. 2017): q (batch..., l, d), k
 * (batch..., s, d), v (batch..., s, e), optionally a mask that broadcasts to (batch..., l, s) and
 * gets no gradient -> (batch..., l, e), (batch..., l, s). {@code causal}: element i attends to the
 * first i + 1. Results lie in memory as q does.
 */
public record Attention(double scale, boolean causal) implements Structured {
  @Override
  public String name() {
    return "scaled_dot_product_attention";
  }

  @Override
  public Meta[] infer(Meta[] inputs) {
    Shape q = inputs[0].shape();
    Shape k = inputs[1].shape();
    Shape v = inputs[2].shape();
    int rank = q.rank();
    boolean fits = rank > 2 && k.rank() == rank && v.rank() == rank;
    for (int i = 0; fits && i < rank - 2; i++) {
      fits = q.size(i) == k.size(i) && q.size(i) == v.size(i);
    }
    if (!fits || q.size(-1) != k.size(-1) || k.size(-2) != v.size(-2)) {
      throw TorchException.shape(
          name(),
          "query, key and value",
          q + ", " + k + ", " + v,
          "(batch..., l, d), (batch..., s, d), (batch..., s, e)");
    }
    DType type = inputs[0].dtype();
    for (Meta in : inputs) {
      if (in.dtype() != type || !type.isFloat()) {
        throw TorchException.type(name(), "input", in.dtype(), "one floating point type for all");
      }
    }
    Shape weights = with(q, q.size(-2), k.size(-2));
    if (inputs.length > 3 && !inputs[3].shape().broadcast(weights, name()).equals(weights)) {
      throw TorchException.shape(
          name(), "attn_mask", inputs[3].shape(), "a shape that broadcasts to " + weights);
    }
    return new Meta[] {
      new Meta(type, inputs[0].device(), like(with(q, q.size(-2), v.size(-1)), inputs[0].layout())),
      Meta.contiguous(type, inputs[0].device(), weights)
    };
  }

  private static Shape with(Shape shape, long rows, long columns) {
    long[] sizes = shape.sizes();
    sizes[sizes.length - 2] = rows;
    sizes[sizes.length - 1] = columns;
    return Shape.of(sizes);
  }

  /** Dense, with the axes in the order in which they lie in {@code other}; the last stays last. */
  private static Layout like(Shape shape, Layout other) {
    int rank = shape.rank();
    Integer[] order = new Integer[rank - 1];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, (a, b) -> Long.compare(other.stride(b), other.stride(a)));
    long[] strides = new long[rank];
    strides[rank - 1] = 1;
    long next = Math.max(shape.size(rank - 1), 1);
    for (int i = rank - 2; i >= 0; i--) {
      strides[order[i]] = next;
      next *= Math.max(shape.size(order[i]), 1);
    }
    return Layout.of(shape, strides, 0);
  }

  @Override
  public Saves saves() {
    return new Saves(0b111, 0b10);
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor[] gradients) {
    Tensor q = saved.input(0);
    Tensor k = saved.input(1);
    Tensor v = saved.input(2);
    Tensor weights = saved.output(1);
    Tensor g = gradients[0];
    Tensor[] out = new Tensor[saved.inputs()];
    Tensor[] by;
    if (!Mode.current().grad() && gradients[1] == null) {
      by = Dispatcher.callAll(new Backward(scale), g, q, k, v, weights);
    } else {
      Tensor byWeights = g == null ? null : g.matmul(v.mT());
      if (gradients[1] != null) {
        byWeights = byWeights == null ? gradients[1] : byWeights.add(gradients[1]);
      }
      by = throughScores(scale, byWeights, q, k, weights);
      by[2] = g == null ? null : weights.mT().matmul(g);
    }
    System.arraycopy(by, 0, out, 0, 3);
    return out;
  }

  private static Tensor[] throughScores(
      double scale, Tensor gradient, Tensor q, Tensor k, Tensor weights) {
    Tensor dot = gradient.mul(weights).sum(new int[] {-1}, true);
    Tensor scores = weights.mul(gradient.sub(dot)).mul(scale);
    return new Tensor[] {scores.matmul(k), scores.mT().matmul(q), null};
  }

  @Override
  public Optional<Tensor[]> decompose(Tensor[] inputs) {
    Tensor scores = inputs[0].mul(scale).matmul(inputs[1].mT());
    if (inputs.length > 3) {
      scores = scores.add(inputs[3]);
    }
    if (causal) {
      Tensor rows = Torch.arange(scores.size(-2)).unsqueeze(1);
      Tensor seen = Torch.arange(scores.size(-1)).le(rows);
      scores = Torch.where(seen, scores, scores.fullLike(Double.NEGATIVE_INFINITY));
    }
    Tensor weights = scores.softmax(-1);
    return Optional.of(new Tensor[] {weights.matmul(inputs[2]), weights});
  }

  /**
   * The first derivative in one go: gradient, q, k, v and the softmax -> gradients by q, k and v.
   * {@link Attention#backward} does without it where it is differentiated itself.
   */
  public record Backward(double scale) implements Structured {
    @Override
    public String name() {
      return "scaled_dot_product_attention_backward";
    }

    @Override
    public Meta[] infer(Meta[] inputs) {
      Meta[] out = new Meta[3];
      for (int i = 0; i < 3; i++) {
        Meta in = inputs[i + 1];
        out[i] = new Meta(in.dtype(), in.device(), like(in.shape(), in.layout()));
      }
      return out;
    }

    @Override
    public Saves saves() {
      return Saves.NOTHING;
    }

    @Override
    public Optional<Tensor[]> decompose(Tensor[] in) {
      Tensor[] out = throughScores(scale, in[0].matmul(in[3].mT()), in[1], in[2], in[4]);
      out[2] = in[4].mT().matmul(in[0]);
      return Optional.of(out);
    }

    @Override
    public Tensor[] backward(Saved saved, Tensor[] gradients) {
      throw TorchException.gradient(name() + " has no derivative of its own");
    }
  }
}
