package dev.flambeau.torch.conformance;

/**
 * What became of one case.
 *
 * @param detail why it failed or is not supported
 * @param gradient whether gradients were compared
 */
public record CaseResult(String id, Outcome outcome, String detail, boolean gradient) {
  /** How a case ends. */
  public enum Outcome {
    PASSED,
    FAILED,
    NOT_SUPPORTED
  }

  static CaseResult passed(String id, boolean gradient) {
    return new CaseResult(id, Outcome.PASSED, "", gradient);
  }

  static CaseResult failed(String id, String detail) {
    return new CaseResult(id, Outcome.FAILED, detail, false);
  }

  static CaseResult notSupported(String id, String detail) {
    return new CaseResult(id, Outcome.NOT_SUPPORTED, detail, false);
  }
}
