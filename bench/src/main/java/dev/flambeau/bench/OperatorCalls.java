package dev.flambeau.bench;

/** One library's way of doing an {@link Operation}, with inputs prepared. */
interface OperatorCalls {
  /** Does the operation so many times, releasing each result before the next call. */
  void repeat(int times);

  /** The mean absolute value of one result, which both libraries must agree on. */
  double check();
}
