package dev.flambeau.torch.conformance;

import java.util.List;
import java.util.Optional;

/** One kind of cases about networks and how they are run. */
interface Section {
  /** What a file's cases are about: a class, a function, a loop. */
  String subject(CaseFile file);

  /** Why a case is not offered, if so. */
  Optional<String> reasonAgainst(CaseFile file, Case c);

  /**
   * Runs a case. Returns how it differs.
   *
   * @throws dev.flambeau.torch.catalog.Arguments.NotSupported if our API cannot say it
   */
  List<String> run(CaseFile file, Case c);
}
