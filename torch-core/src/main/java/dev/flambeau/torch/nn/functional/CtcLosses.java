package dev.flambeau.torch.nn.functional;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Mode;
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
    if (Mode.checking()
        && lengths.numel() > 0
        && (lengths.amin().itemLong() < 0 || lengths.sum().itemLong() > targets.numel())) {
      throw TorchException.argument(
          "ctc_loss", "target_lengths", lengths, "lengths that add up to " + targets.numel());
    }
    long longest = lengths.numel() == 0 ? 0 : Mode.counting(lengths.amax());
    if (targets.numel() == 0) {
      return Torch.zeros(DType.I64, lengths.numel(), longest);
    }
    Tensor places = Torch.arange(longest);
    Tensor starts = lengths.cumsum(0).sub(lengths).unsqueeze(1);
    Tensor index = starts.add(places).clampMax(targets.numel() - 1);
    Tensor rows = targets.indexSelect(0, index.reshape(-1)).reshape(lengths.numel(), longest);
    return Torch.where(places.lt(lengths.unsqueeze(1)), rows, rows.zerosLike());
  }
}
