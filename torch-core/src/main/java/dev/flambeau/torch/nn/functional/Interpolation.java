package dev.flambeau.torch.nn.functional;

/** How {@link F#interpolate} finds values between elements. */
public enum Interpolation {
  /** The element before; PyTorch's {@code nearest}. */
  NEAREST,
  /** The nearest element; PyTorch's {@code nearest-exact}. */
  NEAREST_EXACT,
  /** Linear along each axis: PyTorch's {@code linear, bilinear, trilinear}. */
  LINEAR,
  /** Cubic along each axis (Keys 1981): PyTorch's {@code bicubic}. */
  CUBIC,
  /** Means, as adaptive pooling. */
  AREA
}
