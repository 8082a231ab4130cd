package dev.flambeau.torch.conformance;

import dev.flambeau.torch.catalog.Arguments;
import dev.flambeau.torch.catalog.SchedulerEntries;
import java.util.List;
import java.util.Optional;

/** Schedulers of learning rates: what they say, step by step. */
final class SchedulerSection implements Section {
  @Override
  public String subject(CaseFile file) {
    return file.text("scheduler");
  }

  @Override
  public Optional<String> reasonAgainst(CaseFile file, Case c) {
    return SchedulerEntries.reasonAgainst(subject(file));
  }

  @Override
  public List<String> run(CaseFile file, Case c) {
    throw new Arguments.NotSupported(subject(file));
  }
}
