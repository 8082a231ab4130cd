package dev.flambeau.torch.nn.functional;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.dispatch.Dispatcher;
import dev.flambeau.torch.op.Ctc;

/** Brings the arguments of {@link F#ctcLoss} into the form of {@link Ctc}. */
final class CtcLosses {
  private CtcLosses() {}

  static Tensor loss(
      Tensor logProbabilities,
      Tensor targets,
      Tensor inputLengths,
      Tensor targetLengths,
      long blank,
      boolean zeroInfinity,
      LossReduction reduction) {
    boolean single = logProbabilities.dim() == 2;
    Tensor x = single ? logProbabilities.unsqueeze(1) : logProbabilities;
    if (x.dim() == 3 && (blank < 0 || blank >= x.size(2))) {
      throw TorchException.argument(
          "ctc_loss", "blank", blank, "a class in [0, " + (x.size(2) - 1) + "]");
    }
    Tensor lengths = targetLengths.detach().to(DType.I64).reshape(-1);
    Tensor rows = targets.detach().to(DType.I64);
    if (rows.dim() == 1) {
      rows = single ? rows.unsqueeze(0) : split(rows, lengths);
    }
    Tensor losses =
        Dispatcher.call(
            new Ctc(blank, false), x, rows, inputLengths.to(DType.I64).reshape(-1), lengths);
    if (zeroInfinity) {
      Tensor infinite = losses.detach().eq(Double.POSITIVE_INFINITY);
      losses = Torch.where(infinite, losses.detach().zerosLike(), losses);
    }
    return switch (reduction) {
      case NONE -> single ? losses.squeeze(0) : losses;
      case SUM -> losses.sum();
      case MEAN -> losses.div(lengths.clampMin(1).to(losses.dtype())).mean();
    };
  }

  /** Targets that follow one another as rows, filled up with 0. */
  private static Tensor split(Tensor targets, Tensor lengths) {
    long[] all = lengths.toLongArray();
    long total = 0;
    long longest = 0;
    for (long length : all) {
      total += length;
      longest = Math.max(longest, length);
      if (length < 0 || total > targets.numel()) {
        throw TorchException.argument(
            "ctc_loss", "target_lengths", lengths, "lengths that add up to " + targets.numel());
      }
    }
    Tensor rows = Torch.zeros(DType.I64, all.length, longest);
    long start = 0;
    for (int n = 0; n < all.length; n++) {
      rows.select(0, n).narrow(0, 0, all[n]).copy_(targets.narrow(0, start, all[n]));
      start += all[n];
    }
    return rows;
  }
}
