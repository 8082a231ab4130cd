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

  /** Exponential with this rate, of mean 1 / rate. */
  default Tensor exponential_(double rate) {
    return exponential_(rate, Generator.getDefault());
  }

  /** Exponential with this rate, of mean 1 / rate. */
  default Tensor exponential_(double rate, Generator generator) {
    return Samplers.exponential(self(), rate, generator);
  }

  /** exp of normal numbers with this mean and standard deviation; PyTorch: {@code log_normal_}. */
  default Tensor logNormal_(double mean, double std) {
    return logNormal_(mean, std, Generator.getDefault());
  }

  /** exp of normal numbers with this mean and standard deviation; PyTorch: {@code log_normal_}. */
  default Tensor logNormal_(double mean, double std, Generator generator) {
    return Samplers.logNormal(self(), mean, std, generator);
  }

  /** Cauchy with this median and half width at half height. */
  default Tensor cauchy_(double median, double scale) {
    return cauchy_(median, scale, Generator.getDefault());
  }

  /** Cauchy with this median and half width at half height. */
  default Tensor cauchy_(double median, double scale, Generator generator) {
    return Samplers.cauchy(self(), median, scale, generator);
  }

  /** Numbers of trials up to the first success, from 1 on. */
  default Tensor geometric_(double probability) {
    return geometric_(probability, Generator.getDefault());
  }

  /** Numbers of trials up to the first success, from 1 on. */
  default Tensor geometric_(double probability, Generator generator) {
    return Samplers.geometric(self(), probability, generator);
  }

  /** 1 with the probability that is each element, else 0. */
  default Tensor bernoulli() {
    return bernoulli(Generator.getDefault());
  }

  /** 1 with the probability that is each element, else 0. */
  default Tensor bernoulli(Generator generator) {
    return Samplers.bernoulli(self(), generator);
  }

  /** {@link #multinomial(long, boolean, Generator)} of the default generator. */
  default Tensor multinomial(long samples, boolean replacement) {
    return multinomial(samples, replacement, Generator.getDefault());
  }

  /**
   * Places drawn with probabilities proportional to the elements of a vector, or of each row of a
   * matrix; I64.
   *
   * @param replacement whether a place may be drawn again
   */
  default Tensor multinomial(long samples, boolean replacement, Generator generator) {
    return Samplers.multinomial(self().detach(), samples, replacement, generator);
  }

  /** Uniform on [0, 1) in this tensor's shape and type. */
  default Tensor randLike() {
    return self().detach().zerosLike().uniform_();
  }

  /** Normal with mean 0 and standard deviation 1 in this tensor's shape and type. */
  default Tensor randnLike() {
    return self().detach().zerosLike().normal_();
  }
}
