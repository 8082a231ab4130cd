package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.nn.functional.F;

/**
 * The channels of (N, C, ...) as a table with a row a group, read by columns (Zhang et al. 2018).
 * PyTorch: {@code torch.nn.ChannelShuffle}.
 */
public class ChannelShuffle extends Module {
  private final long groups;

  public ChannelShuffle(long groups) {
    this.groups = groups;
  }

  @Override
  public Tensor forward(Tensor input) {
    return F.channelShuffle(input, groups);
  }

  @Override
  protected String describe() {
    return "groups=" + groups;
  }
}
