package dev.flambeau.torch.op;

import static dev.flambeau.torch.op.expr.Expr.in;
import static dev.flambeau.torch.op.expr.Expr.of;

import dev.flambeau.torch.op.expr.Expr;
import java.util.List;

/**
 * One step of each recurrent cell and of its gradient as one expression of several outputs. States
 * come twice among the outputs: once for the caller, once for the next step.
 */
final class RecurrentCells {
  static final Pointwise TANH = plain("rnn_tanh.step", in(0).tanh());
  static final Pointwise RELU = plain("rnn_relu.step", in(0).max(of(0)));

  /** Sums i, f, g, o and the cell state to gates, cell state twice, hidden state twice. */
  static final Pointwise LSTM = lstm();

  /** Input parts r, z, n, hidden parts r, z, n, h to r, z, n, the hidden part of n, h twice. */
  static final Pointwise GRU = gru();

  /** Gradient by y, by the state, and y, to that by the sum. */
  static final Pointwise TANH_BACKWARD =
      new Pointwise(
          "rnn_tanh.step_backward",
          3,
          List.of(in(0).add(in(1)).mul(slope(in(2)))),
          Types.SAME,
          null);

  static final Pointwise RELU_BACKWARD =
      new Pointwise(
          "rnn_relu.step_backward",
          3,
          List.of(in(2).le(of(0)).where(of(0), in(0).add(in(1)))),
          Types.SAME,
          null);

  /** Gradients by y, h, c; i, f, g, o, c before, c, to those by the sums and by c before. */
  static final Pointwise LSTM_BACKWARD = lstmBackward();

  /**
   * Gradients by y and h; r, z, n, the hidden part of n, h before, to those by the sums (r, z, n),
   * the hidden parts (r, z, n), and directly by h before.
   */
  static final Pointwise GRU_BACKWARD = gruBackward();

  private RecurrentCells() {}

  private static Pointwise plain(String name, Expr y) {
    return new Pointwise(name, 1, List.of(y, y), Types.SAME, null);
  }

  /** The derivative of tanh, given its value. */
  private static Expr slope(Expr tanh) {
    return of(1).sub(tanh.square());
  }

  /** A gradient through a sigmoid, given its value. */
  private static Expr throughSigmoid(Expr gradient, Expr sigmoid) {
    return gradient.mul(sigmoid).mul(of(1).sub(sigmoid));
  }

  private static Pointwise lstm() {
    Expr i = in(0).sigmoid();
    Expr f = in(1).sigmoid();
    Expr g = in(2).tanh();
    Expr o = in(3).sigmoid();
    Expr c = f.mul(in(4)).add(i.mul(g));
    Expr h = o.mul(c.tanh());
    return new Pointwise("lstm.step", 5, List.of(i, f, g, o, c, c, h, h), Types.SAME, null);
  }

  private static Pointwise lstmBackward() {
    Expr i = in(3);
    Expr f = in(4);
    Expr g = in(5);
    Expr o = in(6);
    Expr tanh = in(8).tanh();
    Expr byH = in(0).add(in(1));
    Expr byC = in(2).add(byH.mul(o).mul(slope(tanh)));
    return new Pointwise(
        "lstm.step_backward",
        9,
        List.of(
            throughSigmoid(byC.mul(g), i),
            throughSigmoid(byC.mul(in(7)), f),
            byC.mul(i).mul(slope(g)),
            throughSigmoid(byH.mul(tanh), o),
            byC.mul(f)),
        Types.SAME,
        null);
  }

  private static Pointwise gru() {
    Expr r = in(0).add(in(3)).sigmoid();
    Expr z = in(1).add(in(4)).sigmoid();
    Expr n = in(2).add(r.mul(in(5))).tanh();
    Expr h = n.add(z.mul(in(6).sub(n)));
    return new Pointwise("gru.step", 7, List.of(r, z, n, in(5), h, h), Types.SAME, null);
  }

  private static Pointwise gruBackward() {
    Expr r = in(2);
    Expr z = in(3);
    Expr n = in(4);
    Expr byH = in(0).add(in(1));
    Expr byN = byH.mul(of(1).sub(z)).mul(slope(n));
    Expr byR = throughSigmoid(byN.mul(in(5)), r);
    Expr byZ = throughSigmoid(byH.mul(in(6).sub(n)), z);
    return new Pointwise(
        "gru.step_backward",
        7,
        List.of(byR, byZ, byN, byR, byZ, byN.mul(r), byH.mul(z)),
        Types.SAME,
        null);
  }
}
