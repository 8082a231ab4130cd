package dev.flambeau.torch.conformance;

import java.util.Optional;

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

  /**
   * The result seen in the light of what is listed as absent: a listed case must fail, and what is
   * not supported must be listed.
   */
  CaseResult inLightOf(Optional<String> listed) {
    return switch (outcome) {
      case PASSED ->
          listed.isEmpty() ? this : failed(id, "passes, but is listed as absent: " + listed.get());
      case FAILED -> listed.isEmpty() ? this : notSupported(id, listed.get());
      case NOT_SUPPORTED ->
          listed.isEmpty()
              ? failed(id, "not supported, but not listed: " + detail)
              : notSupported(id, listed.get());
    };
  }
}
