package dev.flambeau.torch.nn.functional;

/** What becomes of the rows of a bag. */
public enum BagMode {
  SUM,
  MEAN,
  MAX
}
