package dev.flambeau.torch.nn;

/** {@link ChannelDropout} after convolutions of 3 spatial axes: PyTorch's {@code Dropout3d}. */
public class Dropout3d extends ChannelDropout {
  /** With p 0.5. */
  public Dropout3d() {
    this(0.5);
  }

  public Dropout3d(double p) {
    super(p, 3);
  }
}
