package dev.flambeau.torch.optim.lr;

import dev.flambeau.torch.TorchException;

/** Ways from one number to another. */
public enum Annealing {
  COS {
    @Override
    double at(double start, double end, double part) {
      return end + (start - end) / 2 * (Math.cos(Math.PI * part) + 1);
    }
  },
  LINEAR {
    @Override
    double at(double start, double end, double part) {
      return (end - start) * part + start;
    }
  };

  /** The number after a part, 0 to 1, of the way. */
  abstract double at(double start, double end, double part);

  /** One number for each group, where one may stand for all. */
  static double[] each(String scheduler, String argument, double[] values, int groups) {
    if (values.length != 1 && values.length != groups) {
      throw TorchException.argument(
          scheduler, argument, values.length + " numbers", "1 or " + groups);
    }
    double[] all = new double[groups];
    for (int i = 0; i < groups; i++) {
      all[i] = values[values.length == 1 ? 0 : i];
    }
    return all;
  }
}
