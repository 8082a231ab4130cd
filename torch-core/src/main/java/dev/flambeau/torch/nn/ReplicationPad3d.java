package dev.flambeau.torch.nn;

import dev.flambeau.torch.nn.functional.Padding;

/** The edge repeated around the last three axes. PyTorch: {@code torch.nn.ReplicationPad3d}. */
public class ReplicationPad3d extends Pad {
  /**
   * Of these widths.
   *
   * @param padding one width for all sides, or pairs before and after, the last axis first
   */
  public ReplicationPad3d(long... padding) {
    super(Padding.REPLICATE, 0, 3, padding);
  }
}
