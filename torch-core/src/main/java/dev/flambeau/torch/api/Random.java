package dev.flambeau.torch.api;

import dev.flambeau.torch.Generator;
import dev.flambeau.torch.Tensor;

/** In-place random numbers; the streams are those of PyTorch's CPU generator. */
public sealed interface Random extends Self permits Tensor {
  /** Uniform on [0, 1). */
  default Tensor uniform_() {
    return uniform_(0, 1);
  }

  /** Uniform on [low, high). */
  default Tensor uniform_(double low, double high) {
    return uniform_(low, high, Generator.getDefault());
  }

  /** Uniform on [low, high). */
  default Tensor uniform_(double low, double high, Generator generator) {
    return RandomFill.uniform(self(), low, high, generator);
  }

  /** Normal with mean 0 and standard deviation 1. */
  default Tensor normal_() {
    return normal_(0, 1);
  }

  /** Normal with this mean and standard deviation. */
  default Tensor normal_(double mean, double std) {
    return normal_(mean, std, Generator.getDefault());
  }

  /** Normal with this mean and standard deviation. */
  default Tensor normal_(double mean, double std, Generator generator) {
    return RandomFill.normal(self(), mean, std, generator);
  }

  /** 1 with this probability, else 0. */
  default Tensor bernoulli_(double probability) {
    return bernoulli_(probability, Generator.getDefault());
  }

  /** 1 with this probability, else 0. */
  default Tensor bernoulli_(double probability, Generator generator) {
    return RandomFill.bernoulli(self(), probability, generator);
  }

  /** Uniform on the integers {@code low} .. {@code high - 1}; PyTorch: {@code random_}. */
  default Tensor random_(long low, long high) {
    return random_(low, high, Generator.getDefault());
  }

  /** Uniform on the integers {@code low} .. {@code high - 1}; PyTorch: {@code random_}. */
  default Tensor random_(long low, long high, Generator generator) {
    return RandomFill.integers(self(), low, high, generator);
  }
}
