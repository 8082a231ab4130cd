package dev.flambeau.torch.optim.lr;

import dev.flambeau.torch.optim.Optimizer;
import java.util.Map;

/**
 * Cosines from the first rate to {@code etaMin}, each {@code tMult} times as long as the one before
 * (Loshchilov and Hutter 2017, SGDR). PyTorch: {@code CosineAnnealingWarmRestarts}.
 */
public final class CosineAnnealingWarmRestarts extends LRScheduler {
  private final long t0;
  private final long tMult;
  private final double etaMin;
  private double tCur = -1;
  private double tI;

  /** Periods of equal length, down to 0. */
  public CosineAnnealingWarmRestarts(Optimizer<?> optimizer, long t0) {
    this(optimizer, t0, 1, 0);
  }

  public CosineAnnealingWarmRestarts(Optimizer<?> optimizer, long t0, long tMult, double etaMin) {
    super(optimizer);
    if (t0 < 1) {
      throw refused("t0", t0, "1 or more");
    }
    if (tMult < 1) {
      throw refused("tMult", tMult, "1 or more");
    }
    this.t0 = t0;
    this.tMult = tMult;
    this.etaMin = etaMin;
    this.tI = t0;
    start();
  }

  @Override
  double lr(int group) {
    return etaMin + (base(group) - etaMin) * (1 + Math.cos(Math.PI * tCur / tI)) / 2;
  }

  @Override
  public void step() {
    if (epoch() < 0) {
      tCur = 0;
    } else {
      tCur++;
      if (tCur >= tI) {
        tCur -= tI;
        tI *= tMult;
      }
    }
    super.step();
  }

  /** Goes to an epoch, which may lie between two: {@code epoch + batch / batches}. */
  public void step(double epoch) {
    if (!(epoch >= 0)) {
      throw refused("epoch", epoch, "0 or more");
    }
    tI = t0;
    if (epoch < t0) {
      tCur = epoch;
    } else if (tMult == 1) {
      tCur = epoch % t0;
    } else {
      double ended = Math.floor(Math.log(epoch / t0 * (tMult - 1) + 1) / Math.log(tMult));
      tCur = epoch - t0 * (Math.pow(tMult, ended) - 1) / (tMult - 1);
      tI = t0 * Math.pow(tMult, ended);
    }
    super.stepTo((long) epoch);
  }

  @Override
  void stepTo(long epoch) {
    step((double) epoch);
  }

  @Override
  public Map<String, Object> stateDict() {
    Map<String, Object> state = super.stateDict();
    state.put("T_cur", tCur);
    state.put("T_i", tI);
    return state;
  }

  @Override
  public void loadStateDict(Map<?, ?> state) {
    double cur = States.number(state, "T_cur").doubleValue();
    double length = States.number(state, "T_i").doubleValue();
    super.loadStateDict(state);
    tCur = cur;
    tI = length;
  }
}
