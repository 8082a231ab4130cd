package dev.flambeau.torch.nn;

import dev.flambeau.torch.nn.functional.Padding;

/** The edge repeated around the last two axes. PyTorch: {@code torch.nn.ReplicationPad2d}. */
public class ReplicationPad2d extends Pad {
  /**
   * Of these widths.
   *
   * @param padding one width for all sides, or pairs before and after, the last axis first
   */
  public ReplicationPad2d(long... padding) {
    super(Padding.REPLICATE, 0, 2, padding);
  }
}
