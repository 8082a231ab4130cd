package dev.flambeau.torch.nn.utils;

/** From which matrices orthogonal ones are computed. */
public enum OrthogonalMap {
  /** exp(A), A skew-symmetric. */
  MATRIX_EXP,
  /** (I - A/2)^-1 (I + A/2), A skew-symmetric. */
  CAYLEY,
  /** Products of reflections. */
  HOUSEHOLDER
}
