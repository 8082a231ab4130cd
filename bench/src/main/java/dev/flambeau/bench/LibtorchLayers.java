package dev.flambeau.bench;

import static org.bytedeco.pytorch.global.torch.adaptive_avg_pool2d;
import static org.bytedeco.pytorch.global.torch.batch_norm;
import static org.bytedeco.pytorch.global.torch.conv2d;
import static org.bytedeco.pytorch.global.torch.layer_norm;
import static org.bytedeco.pytorch.global.torch.linear;

import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.pytorch.LongArrayRef;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;

/**
 * The layers of the libtorch peers, by state_dict name. A layer closes the input it is given, so
 * that an activation lives no longer than it would in C++: libtorch gets its memory back, and its
 * cache-warm blocks, as if no Java were around it.
 */
final class LibtorchLayers {

  /** One step of a forward pass; closes its argument. */
  @FunctionalInterface
  interface Layer {
    Tensor forward(Tensor x);

    default Layer then(Layer next) {
      return x -> next.forward(forward(x));
    }
  }

  private final Map<String, Tensor> parameters = new LinkedHashMap<>();
  private final MemoryFormat format;
  private final boolean training;

  LibtorchLayers(MemoryFormat format, boolean training) {
    this.format = format;
    this.training = training;
  }

  Layer conv(String name, int in, int out, int kernel, int stride, int groups, boolean bias) {
    var weight = optional(parameter(name + ".weight", out, in / groups, kernel, kernel));
    var shift = bias ? optional(parameter(name + ".bias", out)) : new TensorOptional();
    var w = weight.get();
    var strides = pair(stride);
    var padding = pair(kernel / 2);
    var dilation = pair(1);
    return x -> {
      try (x) {
        return conv2d(x, w, shift, strides, padding, dilation, groups);
      }
    };
  }

  /** Squares of {@code size} pixels to one place each. */
  Layer patches(String name, int in, int out, int size) {
    var weight = parameter(name + ".weight", out, in, size, size);
    var bias = optional(parameter(name + ".bias", out));
    var strides = pair(size);
    var padding = pair(0);
    var dilation = pair(1);
    return closing(x -> conv2d(x, weight, bias, strides, padding, dilation, 1));
  }

  Layer norm(String name, int channels, double eps, double momentum) {
    var weight = optional(parameter(name + ".weight", channels));
    var bias = optional(parameter(name + ".bias", channels));
    var mean = optional(values(name + ".running_mean", channels));
    var variance = optional(values(name + ".running_var", channels));
    return x -> {
      try (x) {
        return batch_norm(x, weight, bias, mean, variance, training, momentum, eps, true);
      }
    };
  }

  Layer dense(String name, int in, int out) {
    var weight = parameter(name + ".weight", out, in);
    var bias = optional(parameter(name + ".bias", out));
    return x -> {
      try (x) {
        return linear(x, weight, bias);
      }
    };
  }

  Layer layerNorm(String name, long size, double eps) {
    var weight = optional(parameter(name + ".weight", size));
    var bias = optional(parameter(name + ".bias", size));
    long[] shape = {size};
    return closing(x -> layer_norm(x, shape, weight, bias, eps, true));
  }

  /** From indices to rows of a table. */
  Layer embedding(String name, long count, long size) {
    var weight = parameter(name + ".weight", count, size);
    return closing(x -> torch.embedding(weight, x));
  }

  /** The hidden states of all steps, (steps, batch, size), from a state of zeros. */
  Layer lstm(String name, long in, long size, int depth, long batch) {
    var weights = new TensorVector();
    for (int i = 0; i < depth; i++) {
      weights.push_back(parameter(name + ".weight_ih_l" + i, 4 * size, i == 0 ? in : size));
      weights.push_back(parameter(name + ".weight_hh_l" + i, 4 * size, size));
      weights.push_back(parameter(name + ".bias_ih_l" + i, 4 * size));
      weights.push_back(parameter(name + ".bias_hh_l" + i, 4 * size));
    }
    var zeros = torch.zeros(depth, batch, size);
    var state = new TensorVector(zeros, zeros);
    return closing(
        x -> {
          try (var out = torch.lstm(x, state, weights, true, depth, 0, training, false, false)) {
            return new Tensor(out.get0());
          }
        });
  }

  /** A layer that closes its argument when {@code layer} is done with it. */
  static Layer closing(Layer layer) {
    return x -> {
      try (x) {
        return layer.forward(x);
      }
    };
  }

  /** The input added to what {@code branch} makes of it. */
  static Layer residual(Layer branch) {
    return x -> {
      try (var identity = new Tensor(x);
          var y = branch.forward(x)) {
        return identity.add(y);
      }
    };
  }

  /** In place, as torchvision's {@code ReLU(inplace=True)}. */
  static Tensor relu(Tensor x) {
    x.relu_();
    return x;
  }

  /** (N, C, H, W) to (N, C). */
  static Layer globalPool() {
    var one = pair(1);
    return x -> {
      try (x;
          var pooled = adaptive_avg_pool2d(x, one)) {
        return pooled.flatten(1, -1);
      }
    };
  }

  long count() {
    return parameters.values().stream().mapToLong(Tensor::numel).sum();
  }

  TensorVector parameters() {
    return new TensorVector(parameters.values().toArray(Tensor[]::new));
  }

  /** A tensor of these row-major values, 4-d ones in the chosen memory format. */
  Tensor tensor(float[] values, long... shape) {
    try (var flat = Tensor.create(values, shape)) {
      return shape.length == 4 ? flat.contiguous(format) : flat.contiguous();
    }
  }

  /** Two equal sizes; the memory stays, as a layer's configuration does. */
  static LongArrayRef pair(long size) {
    var sizes = new LongPointer(size, size);
    return new LongArrayRef(sizes, 2);
  }

  /** A trained tensor of the fixture's values. */
  Tensor parameter(String name, long... shape) {
    var tensor = values(name, shape).set_requires_grad(training);
    parameters.put(name, tensor);
    return tensor;
  }

  private Tensor values(String name, long... shape) {
    return tensor(Fixture.weights(name, shape), shape);
  }

  static TensorOptional optional(Tensor tensor) {
    return new TensorOptional(tensor);
  }
}
