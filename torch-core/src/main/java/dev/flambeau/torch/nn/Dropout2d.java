package dev.flambeau.torch.nn;

/** {@link ChannelDropout} after convolutions of 2 spatial axes: PyTorch's {@code Dropout2d}. */
public class Dropout2d extends ChannelDropout {
  /** With p 0.5. */
  public Dropout2d() {
    this(0.5);
  }

  public Dropout2d(double p) {
    super(p, 2);
  }
}
