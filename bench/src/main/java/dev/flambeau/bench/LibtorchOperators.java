package dev.flambeau.bench;

import static org.bytedeco.pytorch.global.torch.add;
import static org.bytedeco.pytorch.global.torch.cat;
import static org.bytedeco.pytorch.global.torch.gelu;
import static org.bytedeco.pytorch.global.torch.index_select;
import static org.bytedeco.pytorch.global.torch.layer_norm;
import static org.bytedeco.pytorch.global.torch.linear;
import static org.bytedeco.pytorch.global.torch.matmul;
import static org.bytedeco.pytorch.global.torch.mul;
import static org.bytedeco.pytorch.global.torch.relu;
import static org.bytedeco.pytorch.global.torch.scatter_add;
import static org.bytedeco.pytorch.global.torch.sigmoid;
import static org.bytedeco.pytorch.global.torch.softmax;
import static org.bytedeco.pytorch.global.torch.sort;
import static org.bytedeco.pytorch.global.torch.sub;
import static org.bytedeco.pytorch.global.torch.sum;
import static org.bytedeco.pytorch.global.torch.tanh;

import java.util.function.Supplier;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.pytorch.LongArrayRef;
import org.bytedeco.pytorch.LongArrayRefOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The operations in libtorch; results are closed as early as C++ would. */
final class LibtorchOperators {
  static {
    torch.set_num_threads(Worker.threads());
  }

  private LibtorchOperators() {}

  static OperatorCalls of(Operation operation) {
    Supplier<Tensor> call = call(operation);
    return new OperatorCalls() {
      @Override
      public void repeat(int times) {
        for (int i = 0; i < times; i++) {
          call.get().close();
        }
      }

      @Override
      public double check() {
        return call.get().to(ScalarType.Double).abs().mean().item().toDouble();
      }
    };
  }

  private static Tensor values(String name, long... sizes) {
    return Tensor.create(Fixture.normal(name, sizes), sizes);
  }

  private static Tensor places() {
    return Tensor.create(Fixture.places(), Operation.MILLION);
  }

  private static LongArrayRef array(long... values) {
    return new LongArrayRef(new LongPointer(values), values.length);
  }

  private static Supplier<Tensor> call(Operation operation) {
    long[] sizes = operation.sizes();
    long columns = sizes[1];
    Tensor x = values("x", sizes);
    return switch (operation) {
      case ADD_SQUARE, ADD_WIDE, ADD_SMALL -> {
        Tensor y = values("y", sizes);
        yield () -> add(x, y);
      }
      case MUL_ROW_SQUARE, MUL_ROW_WIDE -> {
        Tensor row = values("row", columns);
        yield () -> mul(x, row);
      }
      case EXP_SQUARE, EXP_WIDE -> x::exp;
      case GELU_SQUARE, GELU_WIDE -> () -> gelu(x);
      case SUM_SQUARE, SUM_WIDE -> () -> sum(x);
      case SUM_ROWS_SQUARE, SUM_ROWS_WIDE -> {
        var axes = new LongArrayRefOptional(array(0));
        var type = new ScalarTypeOptional();
        yield () -> sum(x, axes, false, type);
      }
      case SOFTMAX_SQUARE, SOFTMAX_WIDE -> () -> softmax(x, 1);
      case LAYER_NORM_SQUARE, LAYER_NORM_WIDE -> {
        var weight = new TensorOptional(values("weight", columns));
        var bias = new TensorOptional(values("bias", columns));
        var shape = array(columns);
        yield () -> layer_norm(x, shape, weight, bias, 1e-5, true);
      }
      case TRANSPOSE_SQUARE, TRANSPOSE_WIDE -> () -> transposed(x);
      case MATMUL_SQUARE -> product(ScalarType.Float, 1024, 1024, 1024);
      case MATMUL_SQUARE_BF16 -> product(ScalarType.BFloat16, 1024, 1024, 1024);
      case MATMUL_WIDE -> product(ScalarType.Float, 4096, 768, 3072);
      case MATMUL_WIDE_BF16 -> product(ScalarType.BFloat16, 4096, 768, 3072);
      case LINEAR_SMALL -> linearSmall(x);
      case INDEX_SELECT -> {
        Tensor from = values("from", Operation.MILLION);
        Tensor index = places();
        yield () -> index_select(from, 0, index);
      }
      case SCATTER_ADD -> {
        Tensor to = values("to", Operation.MILLION);
        Tensor from = values("from", Operation.MILLION);
        Tensor index = places();
        yield () -> scatter_add(to, 0, index, from);
      }
      case SORT -> sorted(values("from", Operation.MILLION));
      case CAT -> {
        var parts = new TensorVector();
        for (int i = 0; i < Operation.PARTS; i++) {
          parts.push_back(values("p" + i, 256, 256));
        }
        yield () -> cat(parts, 0);
      }
      case CHAIN_SQUARE, CHAIN_WIDE -> chain(x);
    };
  }

  private static Tensor transposed(Tensor x) {
    try (Tensor view = x.transpose(0, 1)) {
      return view.contiguous();
    }
  }

  private static Supplier<Tensor> sorted(Tensor from) {
    return () -> {
      try (var both = sort(from, 0, false)) {
        return new Tensor(both.get0());
      }
    };
  }

  private static Supplier<Tensor> chain(Tensor x) {
    var factor = new Scalar(1.5);
    var term = new Scalar(0.5);
    return () -> {
      try (Tensor a = mul(x, factor);
          Tensor b = add(a, term);
          Tensor c = tanh(b);
          Tensor d = mul(c, x);
          Tensor e = sigmoid(d)) {
        return sub(e, x);
      }
    };
  }

  private static Supplier<Tensor> product(ScalarType type, long rows, long inner, long columns) {
    Tensor a = values("a", rows, inner).to(type);
    Tensor b = values("b", inner, columns).to(type);
    return () -> matmul(a, b);
  }

  private static Supplier<Tensor> linearSmall(Tensor x) {
    Tensor weight = values("weight", 16, 16).requires_grad_(true);
    Tensor bias = values("bias", 16).requires_grad_(true);
    return () -> {
      try (Tensor y = linear(x, weight, bias);
          Tensor z = relu(y);
          Tensor sum = sum(z)) {
        sum.backward();
        Tensor gradient = new Tensor(weight.grad());
        weight.mutable_grad().reset();
        bias.mutable_grad().reset();
        return gradient;
      }
    };
  }
}
