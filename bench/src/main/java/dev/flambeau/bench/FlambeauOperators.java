package dev.flambeau.bench;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Scope;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.nn.functional.F;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/** The operations as a user of Flambeau writes them. */
final class FlambeauOperators {
  private FlambeauOperators() {}

  static OperatorCalls of(Operation operation) {
    Supplier<Tensor> call = call(operation);
    return new OperatorCalls() {
      @Override
      public void repeat(int times) {
        for (int i = 0; i < times; i++) {
          try (var _ = Scope.open()) {
            call.get();
          }
        }
      }

      @Override
      public double check() {
        return call.get().to(DType.F64).abs().mean().item();
      }
    };
  }

  private static Tensor values(String name, long... sizes) {
    return Torch.tensor(Fixture.normal(name, sizes), sizes);
  }

  private static Supplier<Tensor> call(Operation operation) {
    long[] sizes = operation.sizes();
    long columns = sizes[1];
    Tensor x = values("x", sizes);
    return switch (operation) {
      case ADD_SQUARE, ADD_WIDE, ADD_SMALL -> {
        Tensor y = values("y", sizes);
        yield () -> x.add(y);
      }
      case MUL_ROW_SQUARE, MUL_ROW_WIDE -> {
        Tensor row = values("row", columns);
        yield () -> x.mul(row);
      }
      case EXP_SQUARE, EXP_WIDE -> x::exp;
      case GELU_SQUARE, GELU_WIDE -> x::gelu;
      case SUM_SQUARE, SUM_WIDE -> x::sum;
      case SUM_ROWS_SQUARE, SUM_ROWS_WIDE -> () -> x.sum(0);
      case SOFTMAX_SQUARE, SOFTMAX_WIDE -> () -> x.softmax(1);
      case LAYER_NORM_SQUARE, LAYER_NORM_WIDE -> {
        Optional<Tensor> weight = Optional.of(values("weight", columns));
        Optional<Tensor> bias = Optional.of(values("bias", columns));
        long[] axes = {columns};
        yield () -> F.layerNorm(x, axes, weight, bias, 1e-5);
      }
      case TRANSPOSE_SQUARE, TRANSPOSE_WIDE -> () -> x.transpose(0, 1).contiguous();
      case MATMUL_SQUARE -> product(DType.F32, 1024, 1024, 1024);
      case MATMUL_SQUARE_BF16 -> product(DType.BF16, 1024, 1024, 1024);
      case MATMUL_WIDE -> product(DType.F32, 4096, 768, 3072);
      case MATMUL_WIDE_BF16 -> product(DType.BF16, 4096, 768, 3072);
      case LINEAR_SMALL -> linear(x);
      case INDEX_SELECT -> {
        Tensor from = values("from", Operation.MILLION);
        Tensor index = Torch.tensor(Fixture.places(), Operation.MILLION);
        yield () -> from.indexSelect(0, index);
      }
      case SCATTER_ADD -> {
        Tensor to = values("to", Operation.MILLION);
        Tensor from = values("from", Operation.MILLION);
        Tensor index = Torch.tensor(Fixture.places(), Operation.MILLION);
        yield () -> to.scatterAdd(0, index, from);
      }
      case SORT -> {
        Tensor from = values("from", Operation.MILLION);
        yield () -> from.sort(0, false).values();
      }
      case CAT -> {
        List<Tensor> parts =
            IntStream.range(0, Operation.PARTS).mapToObj(i -> values("p" + i, 256, 256)).toList();
        yield () -> Torch.cat(parts, 0);
      }
      case CHAIN_SQUARE, CHAIN_WIDE -> {
        UnaryOperator<Tensor> chain =
            Torch.compile(t -> t.mul(1.5).add(0.5).tanh().mul(t).sigmoid().sub(t));
        yield () -> chain.apply(x);
      }
    };
  }

  private static Supplier<Tensor> product(DType type, long rows, long inner, long columns) {
    Tensor a = values("a", rows, inner).to(type);
    Tensor b = values("b", inner, columns).to(type);
    return () -> a.matmul(b);
  }

  private static Supplier<Tensor> linear(Tensor x) {
    Tensor weight = values("weight", 16, 16).requiresGrad(true);
    Tensor bias = values("bias", 16).requiresGrad(true);
    return () -> {
      Tensor sum = F.linear(x, weight, Optional.of(bias)).relu().sum();
      sum.backward();
      Tensor gradient = weight.grad().orElseThrow();
      weight.setGrad(Optional.empty());
      bias.setGrad(Optional.empty());
      return gradient;
    };
  }
}
