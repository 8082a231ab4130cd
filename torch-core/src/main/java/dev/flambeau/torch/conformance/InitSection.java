package dev.flambeau.torch.conformance;

import dev.flambeau.torch.catalog.Arguments;
import java.util.List;
import java.util.Optional;

/** Initializers of parameters. */
final class InitSection implements Section {
  @Override
  public String subject(CaseFile file) {
    return file.text("function");
  }

  @Override
  public Optional<String> reasonAgainst(CaseFile file, Case c) {
    return Optional.of("not built");
  }

  @Override
  public List<String> run(CaseFile file, Case c) {
    throw new Arguments.NotSupported(subject(file));
  }
}
