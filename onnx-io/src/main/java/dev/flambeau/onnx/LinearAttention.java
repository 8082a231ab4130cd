package dev.flambeau.onnx;

import static dev.flambeau.onnx.Registry.since;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.dispatch.Dispatcher;
import dev.flambeau.torch.op.Conv;
import dev.flambeau.torch.op.Window;
import java.util.ArrayList;
import java.util.List;

/** Layers with a state instead of a cache of keys: operator set 27. */
final class LinearAttention {
  private LinearAttention() {}

  static void register(Registry r) {
    r.mapAll("LinearAttention", since(27), LinearAttention::attention);
    r.mapAll("CausalConvWithState", since(27), LinearAttention::convolution);
  }

  /**
   * One step after another: the state S (N, H, Dk, Dv) decays, takes in the outer product of key
   * and value (or of key and what is new in the value), and is read by the query.
   */
  private static Tensor[] attention(Call c) {
    long queryHeads = c.node().i("q_num_heads", 0);
    long heads = c.node().i("kv_num_heads", 0);
    Tensor q = Attention.heads(c, c.in(0), queryHeads);
    Tensor k = Attention.heads(c, c.in(1), heads);
    Tensor v = Attention.heads(c, c.in(2), heads);
    String rule = c.node().s("update_rule", "gated_delta");
    boolean delta = rule.endsWith("delta");
    Tensor decay = rule.startsWith("gated") ? perHead(c, 4, heads).exp() : null;
    Tensor beta = delta ? perHead(c, 5, heads) : null;
    double scale = c.node().f("scale", 0);
    scale = scale == 0 ? 1 / Math.sqrt(q.size(3)) : scale;
    Tensor state =
        c.has(3) ? c.in(3) : Torch.zeros(q.dtype(), k.size(0), heads, k.size(3), v.size(3));
    List<Tensor> outputs = new ArrayList<>();
    for (long t = 0; t < q.size(2); t++) {
      Tensor key = k.narrow(2, t, 1).transpose(2, 3);
      Tensor value = v.narrow(2, t, 1);
      if (decay != null) {
        state = state.mul(decay.narrow(2, t, 1).transpose(2, 3));
      }
      if (delta) {
        value = value.sub(key.transpose(2, 3).matmul(state)).mul(beta.narrow(2, t, 1));
      }
      state = state.add(key.matmul(value));
      outputs.add(q.narrow(2, t, 1).matmul(Attention.repeated(state, queryHeads)).mul(scale));
    }
    return new Tensor[] {Attention.merged(Torch.cat(outputs, 2)), state};
  }

  /** (N, L, H D) or (N, L, H) or (N, L, 1) as (N, H or 1, L, D or 1). */
  private static Tensor perHead(Call c, int input, long heads) {
    Tensor x = c.in(input);
    return Attention.heads(c, x, x.size(2) == 1 ? 1 : heads);
  }

  /** A convolution a channel over the present and the past; the last inputs are the next past. */
  private static Tensor[] convolution(Call c) {
    Tensor x = c.in(0);
    Tensor weight = c.in(1);
    long before = weight.size(2) - 1;
    Tensor past = c.has(3) ? c.in(3) : Torch.zeros(x.dtype(), x.size(0), x.size(1), before);
    Tensor all = Torch.cat(List.of(past, x), 2);
    Window window = Window.of(1, new long[] {1}, new long[] {0}, new long[] {1});
    Tensor y = Dispatcher.call(new Conv(window, x.size(1)), all, weight);
    if (c.has(2)) {
      y = y.add(c.in(2).reshape(-1, 1));
    }
    String activation = c.node().s("activation", "none");
    if (activation.equals("silu") || activation.equals("swish")) {
      y = Attention.swish(y, 1);
    } else if (!activation.equals("none") && !activation.isEmpty()) {
      throw c.bad("activation", activation, "none, silu, swish");
    }
    return new Tensor[] {y, all.narrow(2, all.size(2) - before, before)};
  }
}
