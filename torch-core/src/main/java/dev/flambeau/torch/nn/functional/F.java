package dev.flambeau.torch.nn.functional;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Generator;
import dev.flambeau.torch.Mode;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.dispatch.Dispatcher;
import dev.flambeau.torch.op.AvgPool;
import dev.flambeau.torch.op.Conv;
import dev.flambeau.torch.op.MatMul;
import dev.flambeau.torch.op.MaxPool;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/** The functions behind the modules. PyTorch: {@code torch.nn.functional}. */
public final class F extends RandomFunctions {
  private F() {}

  /** x W^T + b: (..., in) with weight (out, in) and bias (out) to (..., out). */
  public static Tensor linear(Tensor input, Tensor weight, Optional<Tensor> bias) {
    if (input.dim() == 0 || weight.dim() != 2 || input.size(-1) != weight.size(1)) {
      throw TorchException.shape(
          "linear",
          "input and weight",
          input.shape() + " and " + weight.shape(),
          "(..., in) and (out, in)");
    }
    Mode.Casting casting = Mode.current().casting();
    return casting == null
        ? affine(input, weight, bias)
        : affine(casting.lowered(input), casting.lowered(weight), bias.map(casting::lowered));
  }

  private static Tensor affine(Tensor input, Tensor weight, Optional<Tensor> bias) {
    boolean one =
        bias.isPresent()
            && input.dim() > 1
            && bias.get().shape().equals(Shape.of(weight.size(0)))
            && bias.get().dtype() == input.dtype();
    if (!one) {
      Tensor product = input.matmul(weight.t());
      return bias.map(product::add).orElse(product);
    }
    long[] sizes = input.shape().sizes();
    sizes[sizes.length - 1] = weight.size(0);
    Tensor rows = input.dim() > 2 ? input.flatten(0, -2) : input;
    Tensor y = Dispatcher.call(new MatMul(), rows, weight.t(), bias.get());
    return input.dim() > 2 ? y.reshape(sizes) : y;
  }

  /** The rows of {@code weight} named by an integer tensor: (...) to (..., dim). */
  public static Tensor embedding(Tensor input, Tensor weight) {
    return embedding(input, weight, OptionalLong.empty());
  }

  /**
   * The same.
   *
   * @param paddingIndex the row that gets no gradient
   */
  public static Tensor embedding(Tensor input, Tensor weight, OptionalLong paddingIndex) {
    if (input.dtype().category() != DType.Category.INTEGER) {
      throw TorchException.type("embedding", "input", input.dtype(), "an integer type");
    }
    if (weight.dim() != 2) {
      throw TorchException.shape("embedding", "weight", weight.shape(), "two dimensions");
    }
    Tensor index = input.to(DType.I64);
    long[] sizes = Arrays.copyOf(input.shape().sizes(), input.dim() + 1);
    sizes[input.dim()] = weight.size(1);
    Tensor rows = weight.indexSelect(0, index.reshape(-1)).reshape(sizes);
    if (paddingIndex.isEmpty() || !rows.requiresGrad()) {
      return rows;
    }
    Tensor padding = index.eq(paddingIndex.getAsLong()).unsqueeze(-1);
    return Torch.where(padding, rows.detach(), rows);
  }

  /** In training, 0 with probability p, else scaled by 1/(1 - p); else the input. */
  public static Tensor dropout(Tensor input, double p, boolean training) {
    return dropout(input, p, training, Generator.getDefault());
  }

  public static Tensor dropout(Tensor input, double p, boolean training, Generator generator) {
    checkProbability("dropout", p);
    if (!training || p == 0) {
      Mode.Capture capture = Mode.current().capture();
      return capture == null || p == 0 ? input : capture.idleDropout(input, p);
    }
    if (p == 1) {
      return input.mul(input.detach().zerosLike());
    }
    Tensor mask = input.detach().zerosLike().bernoulli_(1 - p, generator);
    return input.mul(mask.div_(Torch.scalar(1 - p)));
  }

  /** Returns p if it is in [0, 1]. */
  public static double checkProbability(String operator, double p) {
    if (!(p >= 0 && p <= 1)) {
      throw TorchException.argument(operator, "p", p, "a probability in [0, 1]");
    }
    return p;
  }

  /** Convolution: (N, C, L) or (C, L) with weight (K, C / groups, k) to (N, K, L'). */
  public static Tensor conv1d(
      Tensor input, Tensor weight, Optional<Tensor> bias, Consumer<ConvOptions> options) {
    return convolution(1, input, weight, bias, options);
  }

  /** Convolution: (N, C, H, W) or (C, H, W) with weight (K, C / groups, h, w) to (N, K, H', W'). */
  public static Tensor conv2d(
      Tensor input, Tensor weight, Optional<Tensor> bias, Consumer<ConvOptions> options) {
    return convolution(2, input, weight, bias, options);
  }

  static Tensor convolution(
      int axes, Tensor input, Tensor weight, Optional<Tensor> bias, Consumer<ConvOptions> options) {
    if (weight.dim() != axes + 2) {
      throw TorchException.shape(
          "conv" + axes + "d", "weight", weight.shape(), axes + 2 + " dimensions");
    }
    long[] kernel = Arrays.copyOfRange(weight.shape().sizes(), 2, axes + 2);
    return convolution(input, weight, bias, ConvOptions.of(options).operator(kernel));
  }

  /** Convolution by an operator made before; the input may lack the batch axis. */
  public static Tensor convolution(Tensor input, Tensor weight, Optional<Tensor> bias, Conv op) {
    return Spatial.convolution(input, weight, bias, op);
  }

  /** The largest of each square window of (N, C, H, W) or (C, H, W), side by side. */
  public static Tensor maxPool2d(Tensor input, long kernel) {
    return maxPool2d(input, kernel, _ -> {});
  }

  public static Tensor maxPool2d(Tensor input, long kernel, Consumer<PoolOptions> options) {
    return maxPool(input, Spatial.spread(kernel, 2), options);
  }

  /** The largest of each window over as many spatial axes as the kernel has sizes. */
  public static Tensor maxPool(Tensor input, long[] kernel, Consumer<PoolOptions> options) {
    return maxPool(input, PoolOptions.of(options).maxOperator(kernel));
  }

  /** Maximum pooling by an operator made before; the input may lack the batch axis. */
  public static Tensor maxPool(Tensor input, MaxPool op) {
    return Spatial.batched(op, op.window().axes(), input);
  }

  /** The mean of each square window of (N, C, H, W) or (C, H, W), side by side. */
  public static Tensor avgPool2d(Tensor input, long kernel) {
    return avgPool2d(input, kernel, _ -> {});
  }

  public static Tensor avgPool2d(Tensor input, long kernel, Consumer<PoolOptions> options) {
    return avgPool(input, Spatial.spread(kernel, 2), options);
  }

  /** The mean of each window over as many spatial axes as the kernel has sizes. */
  public static Tensor avgPool(Tensor input, long[] kernel, Consumer<PoolOptions> options) {
    return avgPool(input, PoolOptions.of(options).avgOperator(kernel));
  }

  /** Average pooling by an operator made before; the input may lack the batch axis. */
  public static Tensor avgPool(Tensor input, AvgPool op) {
    if (input.dtype().category() == DType.Category.INTEGER) {
      // Integers round towards 0; exact below 2^53.
      return avgPool(input.to(DType.F64), op).to(input.dtype());
    }
    return Spatial.batched(op, op.window().axes(), input);
  }

  /**
   * Means of parts of each spatial axis, as equal as possible.
   *
   * @param sizes the output's, one for each spatial axis; -1 keeps the input's
   */
  public static Tensor adaptiveAvgPool(Tensor input, long... sizes) {
    return Spatial.adaptiveAvgPool(input, sizes);
  }

  /**
   * (x - mean) / sqrt(variance + eps) * weight + bias per channel, axis 1 (Ioffe and Szegedy 2015).
   * In training by the batch's statistics, which the running ones follow; else by these.
   *
   * @param momentum part of the batch in the new running statistics
   */
  public static Tensor batchNorm(
      Tensor input,
      Optional<Tensor> runningMean,
      Optional<Tensor> runningVar,
      Optional<Tensor> weight,
      Optional<Tensor> bias,
      boolean training,
      double momentum,
      double eps) {
    return Norms.batchNorm(
        input, runningMean, runningVar, weight, bias, training, momentum, eps, false);
  }

  /** ReLU of {@link #batchNorm}; in training it takes no pass over memory of its own. */
  public static Tensor batchNormRelu(
      Tensor input,
      Optional<Tensor> runningMean,
      Optional<Tensor> runningVar,
      Optional<Tensor> weight,
      Optional<Tensor> bias,
      boolean training,
      double momentum,
      double eps) {
    return Norms.batchNorm(
        input, runningMean, runningVar, weight, bias, training, momentum, eps, true);
  }

  /** Normalizes over the last axes, whose sizes are {@code shape} (Ba et al. 2016). */
  public static Tensor layerNorm(
      Tensor input, long[] shape, Optional<Tensor> weight, Optional<Tensor> bias, double eps) {
    return Norms.layerNorm(input, shape, weight, bias, eps);
  }

  /**
   * Cross entropy of softmax(input). Input (N, C, ...) or (C); target: classes without the axis C,
   * or probabilities of the input's shape.
   */
  public static Tensor crossEntropy(Tensor input, Tensor target) {
    return crossEntropy(input, target, _ -> {});
  }

  public static Tensor crossEntropy(
      Tensor input, Tensor target, Consumer<ClassLossOptions> options) {
    return ClassLosses.crossEntropy(input, target, ClassLossOptions.of(options));
  }

  /** Minus the input at the target's classes: cross entropy for an input of log-probabilities. */
  public static Tensor nllLoss(Tensor input, Tensor target, Consumer<ClassLossOptions> options) {
    return ClassLosses.negativeLogLikelihood(
        "nll_loss", input, target, ClassLossOptions.of(options));
  }

  /** (input - target)^2. */
  public static Tensor mseLoss(Tensor input, Tensor target, LossReduction reduction) {
    return reduction.apply(Dispatcher.call(ElementLosses.SQUARE, input, target));
  }

  /** |input - target|. */
  public static Tensor l1Loss(Tensor input, Tensor target, LossReduction reduction) {
    return reduction.apply(Dispatcher.call(ElementLosses.ABSOLUTE, input, target));
  }

  /**
   * Squared within beta, linear beyond (Girshick 2015).
   *
   * @param beta 0 or more; 0 is {@link #l1Loss}
   */
  public static Tensor smoothL1Loss(
      Tensor input, Tensor target, double beta, LossReduction reduction) {
    if (!(beta >= 0)) {
      throw TorchException.argument("smooth_l1_loss", "beta", beta, "0 or more");
    }
    return beta == 0
        ? l1Loss(input, target, reduction)
        : reduction.apply(Dispatcher.call(ElementLosses.smoothL1(beta), input, target));
  }

  /**
   * Squared within delta, linear beyond (Huber 1964).
   *
   * @param delta above 0
   */
  public static Tensor huberLoss(
      Tensor input, Tensor target, double delta, LossReduction reduction) {
    if (!(delta > 0)) {
      throw TorchException.argument("huber_loss", "delta", delta, "above 0");
    }
    return reduction.apply(Dispatcher.call(ElementLosses.huber(delta), input, target));
  }

  /** Binary cross entropy of probabilities in [0, 1], each loss times {@code weight} if given. */
  public static Tensor binaryCrossEntropy(
      Tensor input, Tensor target, Optional<Tensor> weight, LossReduction reduction) {
    requireSameShape("binary_cross_entropy", input, target);
    Tensor losses = Dispatcher.call(ElementLosses.BINARY, input, target);
    return reduction.apply(weight.map(losses::mul).orElse(losses));
  }

  /**
   * Binary cross entropy of sigmoid(input).
   *
   * @param weight a factor of each loss
   * @param positiveWeight a factor of the losses of positive targets, broadcast
   */
  public static Tensor binaryCrossEntropyWithLogits(
      Tensor input,
      Tensor target,
      Optional<Tensor> weight,
      Optional<Tensor> positiveWeight,
      LossReduction reduction) {
    requireSameShape("binary_cross_entropy_with_logits", input, target);
    Tensor losses =
        positiveWeight
            .map(w -> Dispatcher.call(ElementLosses.BINARY_LOGITS_WEIGHTED, input, target, w))
            .orElseGet(() -> Dispatcher.call(ElementLosses.BINARY_LOGITS, input, target));
    return reduction.apply(weight.map(losses::mul).orElse(losses));
  }

  /**
   * Kullback-Leibler divergence of target from exp(input).
   *
   * @param logTarget whether the target is a logarithm as well
   */
  public static Tensor klDiv(
      Tensor input, Tensor target, boolean logTarget, LossReduction reduction) {
    return reduction.apply(
        Dispatcher.call(
            logTarget ? ElementLosses.LOG_DIVERGENCE : ElementLosses.DIVERGENCE, input, target));
  }

  /** The sum of {@link #klDiv} over the size of the first axis; PyTorch: {@code batchmean}. */
  public static Tensor klDivBatchMean(Tensor input, Tensor target, boolean logTarget) {
    return klDiv(input, target, logTarget, LossReduction.SUM)
        .div(input.dim() == 0 ? 1 : input.size(0));
  }

  private static void requireSameShape(String operator, Tensor input, Tensor target) {
    if (!input.shape().equals(target.shape())) {
      throw TorchException.shape(operator, "target", target.shape(), input.shape().toString());
    }
  }
}
