package dev.flambeau.torch.nn.functional;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.autograd.Engine;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Attention in one operator beside the same from products and softmax in double precision. */
class AttentionTest {
  private static void close(Tensor got, Tensor expected, String what) {
    double error = got.to(DType.F64).sub(expected).abs().max().item();
    double scale = Math.max(1e-3, expected.abs().max().item());
    assertTrue(error < 5e-6 * scale, what + " differs by " + error + " of " + scale);
  }

  /** The heads of all three in one tensor, as a projection makes them. */
  private static Tensor[] heads(Tensor packed, int heads) {
    return packed.chunk(3, -1).stream()
        .map(t -> t.unflatten(-1, heads, t.size(-1) / heads).permute(0, 2, 1, 3))
        .toArray(Tensor[]::new);
  }

  private static Tensor attend(Tensor packed, int heads, Optional<Tensor> mask, boolean causal) {
    Tensor[] t = heads(packed, heads);
    Tensor y = F.scaledDotProductAttention(t[0], t[1], t[2], mask, 0, causal).output();
    return y.permute(0, 2, 1, 3).flatten(2);
  }

  @ParameterizedTest
  @CsvSource({
    "2, 3, 5, 4, none",
    "3, 4, 130, 48, causal",
    "2, 2, 300, 16, add",
    "2, 6, 33, 64, bool"
  })
  void equalsItsParts(int batch, int heads, int length, int width, String kind) {
    Torch.manualSeed(4);
    Tensor packed = Torch.randn(batch, length, 3L * heads * width).requiresGrad(true);
    Tensor exact = packed.detach().to(DType.F64).requiresGrad(true);
    Tensor mask =
        kind.equals("bool")
            ? Torch.rand(batch, 1, length, length).lt(0.8)
            : Torch.randn(1, heads, length, length);
    Optional<Tensor> given =
        kind.equals("add") || kind.equals("bool") ? Optional.of(mask) : Optional.empty();
    Optional<Tensor> exactMask = given.map(m -> m.dtype() == DType.BOOL ? m : m.to(DType.F64));
    boolean causal = kind.equals("causal");
    Tensor y = attend(packed, heads, given, causal);
    Tensor expected = attend(exact, heads, exactMask, causal);
    close(y, expected, "output");
    assertEquals(List.of(batch, length, heads * width).toString(), y.shape().toString());
    Tensor g = Torch.randn(y.shape().sizes());
    y.mul(g).sum().backward();
    expected.mul(g.to(DType.F64)).sum().backward();
    close(packed.grad().orElseThrow(), exact.grad().orElseThrow(), "gradient");
  }

  @ParameterizedTest
  @CsvSource({"false", "true"})
  void hasSecondDerivatives(boolean causal) {
    Torch.manualSeed(5);
    Tensor packed = Torch.randn(2, 7, 24).requiresGrad(true);
    Tensor exact = packed.detach().to(DType.F64).requiresGrad(true);
    Tensor direction = Torch.randn(2, 7, 24);
    Tensor[] results = new Tensor[2];
    for (Tensor x : List.of(packed, exact)) {
      Tensor loss = attend(x, 2, Optional.empty(), causal).pow(2).sum();
      Tensor[] one = {loss.detach().onesLike()};
      Tensor first = Engine.grad(new Tensor[] {loss}, one, new Tensor[] {x}, true, true, false)[0];
      Tensor dot = first.mul(direction.to(x.dtype())).sum();
      one[0] = dot.detach().onesLike();
      results[x == packed ? 0 : 1] =
          Engine.grad(new Tensor[] {dot}, one, new Tensor[] {x}, false, false, false)[0];
    }
    close(results[0], results[1], "second derivative");
    assertTrue(Arrays.stream(results).noneMatch(r -> r.abs().max().item() == 0), "all zero");
  }
}
