package dev.flambeau.torch.op;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.autograd.Gradcheck;
import dev.flambeau.torch.dispatch.Dispatcher;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Recurrent layers against the same composed of recorded operators. */
class RecurrentTest {
  private static final List<Long> EQUAL = List.of(3L, 3L, 3L, 3L);
  private static final List<Long> FALLING = List.of(4L, 3L, 3L, 1L);
  private static final int IN = 5;
  private static final int HIDDEN = 6;

  private static Tensor[] inputs(Recurrent op, DType type) {
    Torch.manualSeed(7);
    long elements = op.batchSizes().stream().mapToLong(Long::longValue).sum();
    long rows = op.cell().gates() * HIDDEN;
    List<Tensor> in = new ArrayList<>();
    in.add(Torch.randn(type, elements, IN));
    in.add(Torch.randn(type, rows, IN));
    in.add(Torch.randn(type, rows, HIDDEN));
    in.add(Torch.randn(type, rows));
    in.add(Torch.randn(type, rows));
    in.add(Torch.randn(type, op.batchSizes().getFirst(), HIDDEN));
    if (op.cell() == Recurrent.Cell.LSTM) {
      in.add(Torch.randn(type, op.batchSizes().getFirst(), HIDDEN));
    }
    return in.stream().map(t -> t.requiresGrad(true)).toArray(Tensor[]::new);
  }

  /** States, then the gradients of a weighted sum of the states in {@code used}. */
  private static List<Tensor> results(Tensor[] out, Tensor[] in, int... used) {
    Tensor loss = Torch.zeros(in[0].dtype());
    for (int k : used) {
      Tensor weights = Torch.arange(out[k].numel()).to(in[0].dtype()).mul(0.7).add(k).cos();
      loss = loss.add(out[k].mul(weights.reshape(out[k].shape().sizes())).sum());
    }
    List<Tensor> all = new ArrayList<>(Arrays.stream(used).mapToObj(k -> out[k]).toList());
    all.addAll(Torch.grad(loss, List.of(in), false));
    return all;
  }

  private static void compare(Recurrent op, DType type, double tolerance, int... used) {
    Tensor[] in = inputs(op, type);
    List<Tensor> got = results(Dispatcher.callAll(op, in), in, used);
    Tensor[] slow = inputs(op, DType.F64);
    if (type == DType.F32) {
      for (int i = 0; i < slow.length; i++) {
        slow[i] = in[i].detach().to(DType.F64).requiresGrad(true);
      }
    }
    List<Tensor> wanted = results(RecurrentSteps.of(op, slow, Optional.empty()), slow, used);
    for (int i = 0; i < wanted.size(); i++) {
      double worst = got.get(i).to(DType.F64).sub(wanted.get(i)).abs().max().item();
      assertTrue(worst < tolerance, op + ", result " + i + " differs by " + worst);
    }
    assertEquals(wanted.size(), got.size());
  }

  @ParameterizedTest
  @EnumSource(Recurrent.Cell.class)
  void agreesWithOperators(Recurrent.Cell cell) {
    int states = cell == Recurrent.Cell.LSTM ? 3 : 2;
    int[] all = states == 3 ? new int[] {0, 1, 2} : new int[] {0, 1};
    for (boolean reverse : new boolean[] {false, true}) {
      for (List<Long> sizes : List.of(EQUAL, FALLING)) {
        Recurrent op = new Recurrent(cell, reverse, sizes);
        compare(op, DType.F64, 1e-11, all);
        compare(op, DType.F32, 2e-4, all);
        compare(op, DType.F64, 1e-11, 1);
        compare(op, DType.F64, 1e-11, 0);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Recurrent.Cell.class)
  void derivatives(Recurrent.Cell cell) {
    Recurrent op = new Recurrent(cell, true, List.of(2L, 1L));
    Tensor[] in = inputs(op, DType.F64);
    Gradcheck.checkTwice(
        t -> {
          Tensor[] out = Dispatcher.callAll(op, t.toArray(Tensor[]::new));
          return out[0].pow(2).sum().add(out[1].sum());
        },
        List.of(in));
  }

  @ParameterizedTest
  @EnumSource(Recurrent.Cell.class)
  void refusesWrongShapes(Recurrent.Cell cell) {
    Recurrent op = new Recurrent(cell, false, EQUAL);
    Tensor[] in = inputs(op, DType.F32);
    for (int i = 1; i < in.length; i++) {
      Tensor[] wrong = in.clone();
      wrong[i] = Torch.zeros(in[i].size(0) + 1, HIDDEN);
      assertThrows(TorchException.class, () -> Dispatcher.callAll(op, wrong), "input " + i);
    }
  }
}
