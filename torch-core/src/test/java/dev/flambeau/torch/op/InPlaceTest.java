package dev.flambeau.torch.op;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.dispatch.Dispatcher;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Every pointwise operator gives in place what it gives out of place, or refuses clearly. */
class InPlaceTest {
  private static Tensor sample(DType type, int seed) {
    return Torch.arange(12).mul(5 + seed).add(seed).remainder(11).sub(4).reshape(3, 4).to(type);
  }

  @TestFactory
  Stream<DynamicTest> sameInPlace() {
    return Ops.pointwise().values().stream()
        .flatMap(
            op ->
                Stream.of(DType.F32, DType.F64, DType.I64, DType.I8, DType.BOOL)
                    .map(type -> dynamicTest(op.name() + " " + type, () -> check(op, type))));
  }

  private static void check(Pointwise op, DType type) {
    Tensor[] inputs = new Tensor[op.arity()];
    Arrays.setAll(inputs, i -> sample(type, i));
    Tensor expected;
    try {
      expected = Dispatcher.call(op, inputs);
    } catch (TorchException.TypeError e) {
      return; // Not for this type, in place or not.
    }
    Tensor target = inputs[0];
    Tensor[] others = Arrays.copyOfRange(inputs, 1, inputs.length);
    if (expected.dtype().category().compareTo(type.category()) > 0) {
      assertThrows(TorchException.TypeError.class, () -> target.apply_(op, others));
      return;
    }
    int version = target.storage().version();
    assertSame(target, target.apply_(op, others));
    assertEquals(expected.to(type).toString(), target.toString());
    assertEquals(version + 1, target.storage().version());
  }

  @Test
  void broadcastMayNotEnlargeTheTarget() {
    Tensor row = Torch.ones(4);
    assertThrows(TorchException.ShapeError.class, () -> row.add_(Torch.ones(3, 4)));
    assertEquals(8, Torch.ones(2, 4).add_(row, -2).sum().neg().item());
  }

  @Test
  void stretchedTargetIsRefused() {
    Tensor t = Torch.ones(1, 3).expand(2, 3);
    assertThrows(TorchException.ShapeError.class, () -> t.add_(1));
    assertThrows(TorchException.ShapeError.class, () -> t.copy_(Torch.ones(2, 3)));
  }

  @Test
  void gradientGoesThroughChangesInPlace() {
    Tensor x = sample(DType.F64, 1).requiresGrad(true);
    x.mul(0.1).square_().clamp_(0.02, 0.1).addcmul_(x, x, 2).sum().backward();
    Tensor y = x.detach().copy().requiresGrad(true);
    y.mul(0.1).square().clamp(0.02, 0.1).addcmul(y, y, 2).sum().backward();
    assertEquals(y.grad().orElseThrow().toString(), x.grad().orElseThrow().toString());
  }

  @Test
  void whatWasSavedMayNotBeChanged() {
    Tensor x = sample(DType.F64, 1).requiresGrad(true);
    Tensor y = x.exp();
    y.mul_(2);
    assertThrows(TorchException.GradientError.class, () -> y.sum().backward());
  }

  @Test
  void operandMayShareTheTarget() {
    Tensor x = sample(DType.F64, 1).requiresGrad(true);
    Tensor y = x.mul(1);
    y.mul_(y.detach()).sum().backward();
    assertEquals(x.detach().toString(), x.grad().orElseThrow().toString());
  }
}
