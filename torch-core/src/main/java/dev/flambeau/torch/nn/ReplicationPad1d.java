package dev.flambeau.torch.nn;

import dev.flambeau.torch.nn.functional.Padding;

/** The edge repeated around the last axis. PyTorch: {@code torch.nn.ReplicationPad1d}. */
public class ReplicationPad1d extends Pad {
  /**
   * Of these widths.
   *
   * @param padding one width for all sides, or pairs before and after, the last axis first
   */
  public ReplicationPad1d(long... padding) {
    super(Padding.REPLICATE, 0, 1, padding);
  }
}
