package dev.flambeau.torch.conformance;

import dev.flambeau.torch.conformance.CaseResult.Outcome;
import java.util.List;
import java.util.stream.Collectors;

/** What became of the cases of one file. */
public record FileResult(String file, String operator, List<CaseResult> cases) {
  public long count(Outcome outcome) {
    return cases.stream().filter(c -> c.outcome() == outcome).count();
  }

  /** The failures, one a line. */
  public String failures() {
    return cases.stream()
        .filter(c -> c.outcome() == Outcome.FAILED)
        .map(c -> c.id() + ": " + c.detail())
        .collect(Collectors.joining("\n"));
  }

  /** One line for an operator that fails: how often, and the first case. */
  public String line() {
    CaseResult first =
        cases.stream().filter(c -> c.outcome() == Outcome.FAILED).findFirst().orElseThrow();
    return String.format(
        "%s: %d of %d failed, first %s: %s",
        file, count(Outcome.FAILED), cases.size(), first.id(), first.detail());
  }
}
