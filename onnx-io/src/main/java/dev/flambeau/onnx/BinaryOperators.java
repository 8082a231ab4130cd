package dev.flambeau.onnx;

import static dev.flambeau.onnx.Registry.since;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Operators of several tensors, element by element with broadcasting. */
final class BinaryOperators {
  private BinaryOperators() {}

  static void register(Registry r) {
    r.binary("Add", Tensor::add);
    r.binary("Sub", Tensor::sub);
    r.binary("Mul", Tensor::mul);
    r.binary("Div", BinaryOperators::divide);
    r.binary("Pow", BinaryOperators::power);
    r.map("Mod", since(10), c -> modulo(c));
    r.binary("And", Tensor::logicalAnd);
    r.binary("Or", Tensor::logicalOr);
    r.binary("Xor", Tensor::logicalXor);
    r.values("Equal", BinaryOperators::equal);
    r.binary("Greater", Tensor::gt);
    r.binary("GreaterOrEqual", since(12), Tensor::ge);
    r.binary("Less", Tensor::lt);
    r.binary("LessOrEqual", since(12), Tensor::le);
    r.map("PRelu", BinaryOperators::prelu);
    r.values("Where", since(9), BinaryOperators::where);
    r.variadic("Max", Tensor::maximum);
    r.variadic("Min", Tensor::minimum);
    r.variadic("Sum", Tensor::add);
    r.map("Mean", BinaryOperators::mean);
  }

  private static OnnxValue[] where(Call c) {
    if (c.value(1) instanceof OnnxValue.Texts a && c.value(2) instanceof OnnxValue.Texts b) {
      Tensor which = Torch.where(c.in(0), places(a), places(b).add(a.strings().size()));
      List<String> all = new ArrayList<>(a.strings());
      all.addAll(b.strings());
      List<String> out = new ArrayList<>();
      for (long i : which.contiguous().toLongArray()) {
        out.add(all.get((int) i));
      }
      return new OnnxValue[] {new OnnxValue.Texts(out, which.shape())};
    }
    return c.like(1, Torch.where(c.in(0), c.in(1), c.in(2)));
  }

  /** The place of each string in row-major order. */
  private static Tensor places(OnnxValue.Texts texts) {
    return Torch.arange(texts.strings().size()).reshape(texts.shape().sizes());
  }

  /** Strings are compared through numbers that stand for them. */
  private static OnnxValue[] equal(Call c) {
    if (c.value(0) instanceof OnnxValue.Texts a && c.value(1) instanceof OnnxValue.Texts b) {
      Map<String, Long> numbers = new HashMap<>();
      return Call.plain(numbered(a, numbers).eq(numbered(b, numbers)));
    }
    return Call.plain(c.in(0).eq(c.second()));
  }

  private static Tensor numbered(OnnxValue.Texts texts, Map<String, Long> numbers) {
    long[] out = new long[texts.strings().size()];
    for (int i = 0; i < out.length; i++) {
      out[i] = numbers.computeIfAbsent(texts.strings().get(i), _ -> (long) numbers.size());
    }
    return Torch.tensor(out, texts.shape().sizes());
  }

  /** Below operator set 7 a slope vector counts along the channels. */
  private static Tensor prelu(Call c) {
    Tensor x = c.in(0);
    Tensor slope = c.in(1);
    if (c.opset() < 7 && slope.dim() == 1 && slope.numel() > 1) {
      long[] sizes = new long[x.dim() - 1];
      Arrays.fill(sizes, 1);
      sizes[0] = slope.numel();
      slope = slope.reshape(sizes);
    }
    return Torch.where(x.lt(0), x.mul(slope), x);
  }

  /** Integers truncate toward zero. */
  private static Tensor divide(Tensor a, Tensor b) {
    return a.dtype().isFloat() ? a.div(b) : a.sub(a.fmod(b)).floorDivide(b);
  }

  private static Tensor modulo(Call c) {
    boolean truncated = c.node().i("fmod", 0) != 0;
    return truncated ? c.in(0).fmod(c.in(1)) : c.in(0).remainder(c.in(1));
  }

  /** The result has the base's type; the usual constant exponents need no logarithm. */
  private static Tensor power(Tensor base, Tensor exponent) {
    if (exponent.numel() == 1 && exponent.dim() <= base.dim() && base.dtype().isFloat()) {
      double e = exponent.detach().item();
      if (e == 2) {
        return base.square();
      }
      if (e == 0.5) {
        return base.sqrt();
      }
    }
    return base.pow(exponent).to(base.dtype());
  }

  private static Tensor mean(Call c) {
    Tensor sum = c.in(0);
    for (int i = 1; i < c.count(); i++) {
      sum = sum.add(c.in(i));
    }
    return c.count() == 1 ? sum : sum.div(c.count());
  }
}
