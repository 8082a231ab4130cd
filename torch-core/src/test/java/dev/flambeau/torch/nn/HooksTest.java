package dev.flambeau.torch.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.HookHandle;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HooksTest {
  private static double[] values(Tensor t) {
    return t.detach().ravel().toDoubleArray();
  }

  /** y = 3 x, and its gradient by the weight is x. */
  private static Linear triple() {
    Linear linear = new Linear(1, 1, false);
    Torch.noGrad(() -> linear.weight.fill_(3));
    return linear;
  }

  private static Tensor column(double... values) {
    return Torch.tensor(values).to(DType.F32).reshape(values.length, 1);
  }

  @Test
  void forwardHooksSeeAndReplaceInTheirOrder() {
    Linear linear = triple();
    List<String> seen = new ArrayList<>();
    linear.registerForwardPreHook(
        (m, in) -> {
          seen.add("before " + in.get(0).item());
          return List.of(in.get(0).add(1));
        });
    linear.registerForwardHook(
        (m, in, out) -> {
          seen.add("first " + in.get(0).item() + " " + out.get(0).item());
          return List.of(out.get(0).mul(10));
        });
    linear.registerForwardHook(
        (m, in, out) -> {
          seen.add("second " + out.get(0).item());
          return out;
        });
    assertArrayEquals(new double[] {90}, values(linear.call(column(2))));
    assertEquals(List.of("before 2.0", "first 3.0 9.0", "second 90.0"), seen);
    assertArrayEquals(new double[] {6}, values(linear.forward(column(2))), "forward has no hooks");
  }

  @Test
  void aRemovedHookRunsNoMoreAndTheSameFunctionCountsTwice() {
    Linear linear = triple();
    int[] calls = new int[1];
    ForwardHook count =
        (m, in, out) -> {
          calls[0]++;
          return out;
        };
    HookHandle first = linear.registerForwardHook(count);
    try (HookHandle _ = linear.registerForwardHook(count)) {
      linear.call(column(1));
      assertEquals(2, calls[0]);
      first.remove();
      first.remove();
      linear.call(column(1));
      assertEquals(3, calls[0]);
    }
    linear.call(column(1));
    assertEquals(3, calls[0]);
  }

  @Test
  void modulesCallThoseTheyAreMadeOf() {
    TransformerEncoder encoder =
        new TransformerEncoder(new TransformerEncoderLayer(8, 2, o -> o.dropout(0)), 2);
    List<String> seen = new ArrayList<>();
    encoder
        .namedModules()
        .forEach(
            (name, m) ->
                m.registerForwardHook(
                    (module, in, out) -> {
                      seen.add(name);
                      return out;
                    }));
    encoder.call(Torch.rand(3, 1, 8));
    assertTrue(seen.containsAll(List.of("", "layers.0", "layers.1.self_attn", "layers.1.norm2")));
    assertEquals("", seen.getLast());
  }

  @Test
  void aHookedBatchNormIsNotFused() {
    BatchNorm2d norm = new BatchNorm2d(1);
    Sequential fused = new Sequential(norm, new ReLU());
    Tensor x = Torch.randn(2, 1, 2, 2);
    double[] plain = values(fused.call(x));
    boolean[] negative = new boolean[1];
    norm.registerForwardHook(
        (m, in, out) -> {
          negative[0] = out.get(0).min().item() < 0;
          return out;
        });
    assertArrayEquals(plain, values(fused.call(x)), 1e-6);
    assertTrue(negative[0], "the hook saw what comes before the activation");
    negative[0] = false;
    assertArrayEquals(plain, values(norm.forwardRelu(x)), 1e-6);
    assertTrue(negative[0]);
  }

  @Test
  void backwardHooksGetWholeGradientsAndReplaceThem() {
    Linear linear = triple();
    List<String> seen = new ArrayList<>();
    linear.registerFullBackwardPreHook(
        (m, out) -> List.of(Optional.of(out.get(0).orElseThrow().mul(2))));
    linear.registerFullBackwardHook(
        (m, in, out) -> {
          seen.add(in.get(0).orElseThrow().item() + " " + out.get(0).orElseThrow().item());
          return List.of(Optional.of(in.get(0).orElseThrow().mul(100)));
        });
    Tensor x = column(5).requiresGrad(true);
    // x is used elsewhere as well: the hook sees the part through the module alone.
    linear.call(x).sum().add(x.sum()).backward();
    assertEquals(List.of("6.0 2.0"), seen);
    assertArrayEquals(new double[] {601}, values(x.grad().orElseThrow()));
    assertArrayEquals(new double[] {10}, values(linear.weight.grad().orElseThrow()));
  }

  @Test
  void withoutAnInputThatRequiresAGradientTheHookStillRuns() {
    Linear linear = triple();
    List<Boolean> inputs = new ArrayList<>();
    linear.registerFullBackwardHook(
        (m, in, out) -> {
          inputs.add(in.get(0).isPresent());
          return in;
        });
    linear.call(column(5)).sum().backward();
    assertEquals(List.of(false), inputs);
    assertArrayEquals(new double[] {5}, values(linear.weight.grad().orElseThrow()));
    Torch.noGrad(() -> linear.call(column(1)));
    assertEquals(1, inputs.size());
  }

  @Test
  void severalInputsAndAnOutputChangedInPlace() {
    Bilinear bilinear = new Bilinear(1, 1, 1, false);
    Torch.noGrad(() -> bilinear.weight.fill_(2));
    List<String> seen = new ArrayList<>();
    bilinear.registerFullBackwardHook(
        (m, in, out) -> {
          seen.add(in.get(0).orElseThrow().item() + " " + in.get(1).orElseThrow().item());
          return in;
        });
    Tensor a = column(3).requiresGrad(true);
    Tensor b = column(4).requiresGrad(true);
    Tensor y =
        bilinear.call(List.of(a, b), in -> List.of(bilinear.forward(in.get(0), in.get(1)))).get(0);
    y.mul_(10).sum().backward();
    assertEquals(List.of("80.0 60.0"), seen);
    assertArrayEquals(new double[] {80}, values(a.grad().orElseThrow()));
  }

  @Test
  void aHookThatLosesATensorIsRefused() {
    Linear linear = triple();
    HookHandle none = linear.registerForwardHook((m, in, out) -> List.of());
    String message = assertThrows(TorchException.class, () -> linear.call(column(1))).getMessage();
    assertTrue(message.contains("forward hook"), message);
    none.remove();
    linear.registerFullBackwardHook((m, in, out) -> List.of(Optional.empty()));
    Tensor x = column(5).requiresGrad(true);
    Tensor y = linear.call(x).sum();
    assertThrows(TorchException.class, y::backward);
    assertFalse(x.grad().isPresent());
  }
}
