package dev.flambeau.torch.nn;

/** {@link ChannelDropout} after convolutions of 1 spatial axes: PyTorch's {@code Dropout1d}. */
public class Dropout1d extends ChannelDropout {
  /** With p 0.5. */
  public Dropout1d() {
    this(0.5);
  }

  public Dropout1d(double p) {
    super(p, 1);
  }
}
