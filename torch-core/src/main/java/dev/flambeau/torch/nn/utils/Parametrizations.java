package dev.flambeau.torch.nn.utils;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.nn.ConvTranspose1d;
import dev.flambeau.torch.nn.ConvTranspose2d;
import dev.flambeau.torch.nn.ConvTranspose3d;
import dev.flambeau.torch.nn.Extras;
import dev.flambeau.torch.nn.Module;

/**
 * Known parametrizations, to be taken away by {@link Parametrize#remove}. PyTorch: {@code
 * torch.nn.utils.parametrizations}.
 */
public final class Parametrizations {
  private Parametrizations() {}

  /** {@link #weightNorm(Module, String, int)} of the weight, with a length for each output. */
  public static <M extends Module> M weightNorm(M module) {
    return weightNorm(module, "weight", 0);
  }

  /**
   * Trains length ({@code original0}) and direction ({@code original1}) of a parameter.
   *
   * @param axis that along which each slice has a length; -1: one length for all
   */
  public static <M extends Module> M weightNorm(M module, String name, int axis) {
    Tensor value = Extras.of(module).get(name);
    return Parametrize.register(
        module, name, new WeightNorm(axis == -1 ? -1 : value.shape().axis(axis)));
  }

  /** The same of the weight, with one iteration a step. */
  public static <M extends Module> M spectralNorm(M module) {
    boolean transposed =
        module instanceof ConvTranspose1d
            || module instanceof ConvTranspose2d
            || module instanceof ConvTranspose3d;
    return spectralNorm(module, "weight", 1, 1e-12, transposed ? 1 : 0);
  }

  /**
   * Divides a parameter by its largest singular value.
   *
   * @param iterations power iterations of each call in training
   * @param eps the least norm that is divided by in them
   * @param axis that of the outputs, the rows of the matrix
   */
  public static <M extends Module> M spectralNorm(
      M module, String name, int iterations, double eps, int axis) {
    Tensor value = Extras.of(module).get(name);
    return Parametrize.register(module, name, new SpectralNorm(value, axis, iterations, eps));
  }

  /** The same of the weight, by the exponential if it is square, otherwise by reflections. */
  public static <M extends Module> M orthogonal(M module) {
    Tensor value = Extras.of(module).get("weight");
    boolean square = value.dim() > 1 && value.size(-1) == value.size(-2);
    return orthogonal(
        module, "weight", square ? OrthogonalMap.MATRIX_EXP : OrthogonalMap.HOUSEHOLDER, true);
  }

  /**
   * Keeps a matrix, or each of a batch, orthogonal.
   *
   * @param trivialization whether it is the product with a fixed orthogonal matrix, a buffer {@code
   *     base}: easier to train, at the price of memory
   */
  public static <M extends Module> M orthogonal(
      M module, String name, OrthogonalMap map, boolean trivialization) {
    Tensor value = Extras.of(module).get(name);
    if (value.dim() < 2) {
      throw TorchException.shape("orthogonal", name, value.shape(), "at least two dimensions");
    }
    return Parametrize.register(module, name, new Orthogonal(map, trivialization));
  }
}
