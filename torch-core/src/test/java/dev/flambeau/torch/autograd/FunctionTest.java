package dev.flambeau.torch.autograd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.util.List;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;

/** Operations with gradients written by hand. */
class FunctionTest {
  private static final class Exp extends Function {
    @Override
    protected Tensor[] forward(FunctionContext context, Tensor... inputs) {
      assertFalse(Torch.isGradEnabled());
      Tensor y = inputs[0].exp();
      context.saveForBackward(y);
      return new Tensor[] {y};
    }

    @Override
    protected Tensor[] backward(FunctionContext context, Tensor... gradients) {
      return new Tensor[] {gradients[0].mul(context.savedTensors()[0])};
    }
  }

  /** a x + y and its square, where a is no tensor. */
  private static final class Affine extends Function {
    private final double a;

    Affine(double a) {
      this.a = a;
    }

    @Override
    protected Tensor[] forward(FunctionContext context, Tensor... inputs) {
      Tensor z = inputs[0].mul(a).add(inputs[1]);
      context.saveForBackward(inputs);
      return new Tensor[] {z, z.square()};
    }

    @Override
    protected Tensor[] backward(FunctionContext context, Tensor... gradients) {
      Tensor[] in = context.savedTensors();
      Tensor by = gradients[0].add(in[0].mul(a).add(in[1]).mul(gradients[1]).mul(2));
      return new Tensor[] {
        context.needsInputGrad(0) ? by.mul(a) : null, context.needsInputGrad(1) ? by : null
      };
    }
  }

  /** Identity whose backward is given. */
  private static final class Given extends Function {
    private final BiFunction<FunctionContext, Tensor[], Tensor[]> gradient;

    Given(BiFunction<FunctionContext, Tensor[], Tensor[]> gradient) {
      this.gradient = gradient;
    }

    @Override
    protected Tensor[] forward(FunctionContext context, Tensor... inputs) {
      return new Tensor[] {inputs[0]};
    }

    @Override
    protected Tensor[] backward(FunctionContext context, Tensor... gradients) {
      return gradient.apply(context, gradients);
    }
  }

  private static final class Triple extends Function {
    private final boolean honest;

    Triple(boolean honest) {
      this.honest = honest;
    }

    @Override
    protected Tensor[] forward(FunctionContext context, Tensor... inputs) {
      inputs[0].mul_(3);
      if (honest) {
        context.markDirty(inputs[0]);
      }
      return inputs;
    }

    @Override
    protected Tensor[] backward(FunctionContext context, Tensor... gradients) {
      return new Tensor[] {gradients[0].mul(3)};
    }
  }

  private static final class SortWithRanks extends Function {
    @Override
    protected Tensor[] forward(FunctionContext context, Tensor... inputs) {
      Tensor ranks = inputs[0].argsort(0, false).argsort(0, false).to(inputs[0].dtype());
      context.markNonDifferentiable(ranks);
      context.setMaterializeGrads(false);
      return new Tensor[] {inputs[0].mul(2), ranks, inputs[0].mul(3)};
    }

    @Override
    protected Tensor[] backward(FunctionContext context, Tensor... gradients) {
      assertSame(null, gradients[1]);
      assertSame(null, gradients[2]);
      return new Tensor[] {gradients[0].mul(2)};
    }
  }

  private static Tensor sample(int seed, long... sizes) {
    Tensor t = Torch.arange(Torch.ones(sizes).numel()).to(DType.F64).mul(0.37 + seed).sin();
    return t.reshape(sizes).detach().requiresGrad(true);
  }

  @Test
  void firstAndSecondDerivative() {
    Gradcheck.checkTwice(in -> new Exp().apply(in.get(0)), List.of(sample(1, 2, 3)));
    Gradcheck.checkTwice(
        in -> {
          Tensor[] out = new Affine(1.5).applyAll(in.get(0), in.get(1));
          return out[0].add(out[1]);
        },
        List.of(sample(1, 2, 3), sample(2, 2, 3)));
    assertEquals("Exp", new Exp().apply(sample(1, 2)).gradFn().orElseThrow().name());
  }

  @Test
  void onlyWantedGradientsAreComputed() {
    Tensor x = sample(1, 3);
    Tensor y = sample(2, 3).detach();
    Tensor[] out = new Affine(2).applyAll(x, y);
    out[0].sum().backward();
    assertArrayEquals(new double[] {2, 2, 2}, x.grad().orElseThrow().toDoubleArray(), 1e-12);
    assertTrue(y.grad().isEmpty());
    assertTrue(new Affine(2).apply(y, y).isLeaf());
    assertTrue(Torch.noGrad(() -> new Affine(2).apply(x, y)).isLeaf());
  }

  @Test
  void gradientsThatDoNotFitAreRefused() {
    Tensor x = sample(1, 2, 3);
    TorchException e = refused(x, (_, g) -> new Tensor[] {g[0], g[0]});
    assertTrue(e.getMessage().contains("Given") && e.getMessage().contains("2 gradients"));
    refused(x, (_, _) -> null);
    e = refused(x, (_, g) -> new Tensor[] {g[0].sum(new int[] {0}, false)});
    assertTrue(e.getMessage().contains("gradient 0"), e.getMessage());
    assertTrue(e.getMessage().contains("[3]") && e.getMessage().contains("[2, 3]"));
    refused(x, (_, g) -> new Tensor[] {g[0].to(DType.I64)});
  }

  private static TorchException refused(
      Tensor x, BiFunction<FunctionContext, Tensor[], Tensor[]> gradient) {
    return assertThrows(TorchException.class, () -> new Given(gradient).apply(x).sum().backward());
  }

  @Test
  void broadcastGradientIsSummedAndConverted() {
    Tensor row = sample(1, 3);
    Function stretched = new Given((_, g) -> new Tensor[] {g[0].expand(2, 3).to(DType.F32)});
    stretched.apply(row).sum().backward();
    assertEquals(DType.F64, row.grad().orElseThrow().dtype());
    assertArrayEquals(new double[] {2, 2, 2}, row.grad().orElseThrow().toDoubleArray());
  }

  @Test
  void changedSavedTensorIsNoticed() {
    Tensor x = sample(1, 3);
    Tensor y = new Exp().apply(x);
    Torch.noGrad(() -> y.mul_(2));
    TorchException e = assertThrows(TorchException.GradientError.class, () -> y.sum().backward());
    assertTrue(e.getMessage().contains("changed in place"), e.getMessage());
  }

  @Test
  void secondBackwardNeedsTheGraph() {
    Tensor x = sample(1, 3);
    Tensor y = new Exp().apply(x).sum();
    y.backward(true);
    y.backward();
    TorchException e = assertThrows(TorchException.GradientError.class, y::backward);
    assertTrue(e.getMessage().contains("retainGraph"), e.getMessage());
  }

  @Test
  void dirtyInput() {
    Tensor x = sample(1, 3);
    Tensor y = x.mul(2);
    Tensor z = new Triple(true).apply(y);
    assertSame(y, z);
    z.sum().backward();
    assertArrayEquals(new double[] {6, 6, 6}, x.grad().orElseThrow().toDoubleArray(), 1e-12);
    assertThrows(TorchException.GradientError.class, () -> new Triple(true).apply(x));
    assertThrows(
        TorchException.GradientError.class, () -> new Triple(false).apply(sample(1, 2).mul(1)));
  }

  @Test
  void dirtyViewChangesItsBasesHistory() {
    Gradcheck.check(
        in -> {
          Tensor y = in.get(0).mul(2);
          new Triple(true).apply(y.get(1));
          return y.square();
        },
        List.of(sample(1, 2, 3)));
  }

  @Test
  void outputsWithoutGradient() {
    Tensor x = sample(1, 4);
    Tensor[] out = new SortWithRanks().applyAll(x);
    assertFalse(out[1].requiresGrad());
    out[0].sum().backward();
    assertArrayEquals(new double[] {2, 2, 2, 2}, x.grad().orElseThrow().toDoubleArray());
  }

  @Test
  void returnedInputIsANewTensor() {
    Tensor x = sample(1, 2);
    Tensor y = new Given((_, g) -> new Tensor[] {g[0].mul(7)}).apply(x);
    assertTrue(x.isLeaf());
    y.sum().backward();
    assertArrayEquals(new double[] {7, 7}, x.grad().orElseThrow().toDoubleArray());
  }

  @Test
  void inputUsedTwiceAndHooksOnItGetOneGradient() {
    Tensor x = sample(1, 2);
    int[] calls = {0};
    x.registerHook(
        g -> {
          calls[0]++;
          return g;
        });
    new Affine(2).apply(x, x).sum().backward();
    assertEquals(1, calls[0]);
    assertArrayEquals(new double[] {3, 3}, x.grad().orElseThrow().toDoubleArray(), 1e-12);
  }

  @Test
  void equalGradientsOfTwoLeavesDoNotShareMemory() {
    Tensor a = sample(1, 2);
    Tensor b = sample(2, 2);
    Function both =
        new Function() {
          @Override
          protected Tensor[] forward(FunctionContext context, Tensor... inputs) {
            return new Tensor[] {inputs[0].add(inputs[1])};
          }

          @Override
          protected Tensor[] backward(FunctionContext context, Tensor... gradients) {
            Tensor g = gradients[0].mul(2);
            return new Tensor[] {g, g};
          }
        };
    both.apply(a, b).sum().backward();
    a.grad().orElseThrow().mul_(0);
    assertArrayEquals(new double[] {2, 2}, b.grad().orElseThrow().toDoubleArray());
  }
}
