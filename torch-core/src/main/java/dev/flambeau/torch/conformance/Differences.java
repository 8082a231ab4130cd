package dev.flambeau.torch.conformance;

import dev.flambeau.torch.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Collects what differs by more than {@code tolerance (1 + |expected|)}. */
final class Differences {
  private final double tolerance;
  private final List<String> found = new ArrayList<>();

  Differences(double tolerance) {
    this.tolerance = tolerance;
  }

  List<String> found() {
    return List.copyOf(found);
  }

  /** Something that is wrong in itself. */
  Differences note(String problem) {
    found.add(problem);
    return this;
  }

  Differences equal(String what, Object got, Object wanted) {
    if (!got.equals(wanted)) {
      found.add(what + " " + got + ", expected " + wanted);
    }
    return this;
  }

  Differences close(String what, Tensor got, Tensor wanted) {
    Closeness.difference(got, wanted, tolerance).ifPresent(d -> found.add(what + ": " + d));
    return this;
  }

  Differences close(String what, double got, double wanted) {
    Closeness.difference(got, wanted, tolerance).ifPresent(d -> found.add(what + ": " + d));
    return this;
  }

  /** Both there and close, or none there. */
  Differences close(String what, Optional<Tensor> got, Optional<Tensor> wanted) {
    if (got.isPresent() && wanted.isPresent()) {
      return close(what, got.get(), wanted.get());
    }
    if (got.isPresent() || wanted.isPresent()) {
      found.add(what + ": " + (got.isPresent() ? "there is one, expected none" : "none"));
    }
    return this;
  }

  /** Every wanted one, by name. */
  Differences close(String what, Map<String, Tensor> got, Map<String, Tensor> wanted) {
    wanted.forEach(
        (name, tensor) ->
            close(what + name, Optional.ofNullable(got.get(name)), Optional.of(tensor)));
    return this;
  }
}
