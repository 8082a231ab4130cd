package dev.flambeau.torch;

import static dev.flambeau.torch.GradcheckTest.sample;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.torch.autograd.Gradcheck;
import dev.flambeau.torch.op.Pointwise;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** In-place changes of views and their bases while gradients are recorded. */
class InPlaceViewsTest {
  private static void check(UnaryOperator<Tensor> f) {
    Gradcheck.checkTwice(in -> f.apply(in.get(0)), List.of(sample(-1.9, 1.9, 3, 3, 4)));
  }

  @Test
  void baseFollowsItsView() {
    check(
        x -> {
          Tensor y = x.square();
          y.get(1).mul_(3);
          y.select(1, 2).apply_(Pointwise.TANH);
          return y.mul(y);
        });
  }

  @Test
  void viewFollowsItsBase() {
    check(
        x -> {
          Tensor y = x.mul(1);
          Tensor row = y.get(2);
          Tensor column = y.t().get(1);
          y.add_(x.exp());
          column.add_(row.get(0));
          return row.mul(y.sum()).add(column.sum());
        });
  }

  @Test
  void viewsOfViews() {
    check(
        x -> {
          Tensor y = x.mul(1).t();
          Tensor block = y.narrow(0, 1, 3).narrow(1, 1, 2);
          Tensor corner = block.get(-1, -1);
          corner.add_(x.get(0, 0).square());
          block.mul_(-2);
          return y.contiguous().square();
        });
  }

  @Test
  void assignments() {
    check(
        x -> {
          Tensor y = x.mul(2);
          y.set(x.get(0).exp(), Index.at(1));
          y.set(x.get(Index.of(0, 2), Index.at(3)), Index.of(2, 1), Index.at(0));
          y.set(5, Index.at(2), Index.slice(1, 3));
          return y.square();
        });
  }

  @Test
  void overwrittenPartsOfViews() {
    Tensor index = Torch.tensor(new long[] {2, 0});
    check(
        x -> {
          Tensor y = x.mul(2);
          y.t()
              .indexAdd_(
                  0,
                  index,
                  x.narrow(0, 0, 2).t().narrow(0, 0, 2).expand(2, 2).repeat(1, 2).narrow(1, 0, 3));
          y.get(2).maskedFill_(Torch.tensor(new boolean[] {true, false, false, true}), 7);
          y.get(1).scatter_(0, index, x.get(0).square());
          y.narrow(1, 0, 3).tril_(0);
          return y.square();
        });
  }

  @Test
  void baseWithoutGradientGetsOne() {
    Tensor x = sample(-1, 1, 1, 4);
    Tensor room = Torch.zeros(DType.F64, 3, 4);
    Tensor other = room.get(0);
    assertFalse(room.requiresGrad());
    room.get(1).copy_(x.square());
    assertTrue(room.requiresGrad());
    assertTrue(other.requiresGrad());
    room.sum().add(other.sum()).backward();
    assertArrayEquals(x.mul(2).toDoubleArray(), x.grad().orElseThrow().toDoubleArray(), 1e-12);
  }

  @Test
  void viewMadeBeforeALeafChanges() {
    Tensor x = sample(-1, 1, 1, 2, 2);
    Tensor row = x.get(0);
    Torch.noGrad(() -> x.mul_(3));
    row.square().sum().backward();
    double[] values = x.toDoubleArray();
    assertArrayEquals(
        new double[] {2 * values[0], 2 * values[1], 0, 0},
        x.grad().orElseThrow().toDoubleArray(),
        1e-12);
  }

  @Test
  void whatCannotBeRecordedIsRefused() {
    Tensor leaf = sample(-1, 1, 1, 2, 2);
    assertThrows(TorchException.GradientError.class, () -> leaf.get(0).mul_(2));
    Tensor y = leaf.mul(1);
    Tensor hidden = Torch.noGrad(() -> y.get(0));
    assertThrows(TorchException.GradientError.class, () -> hidden.mul_(leaf.get(0)));
    assertThrows(TorchException.ShapeError.class, () -> y.get(0).expand(3, 2).add_(1));
    Tensor product = y.mul(y);
    y.get(0).add_(1);
    assertThrows(TorchException.GradientError.class, () -> product.sum().backward());
  }
}
