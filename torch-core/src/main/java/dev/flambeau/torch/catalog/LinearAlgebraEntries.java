package dev.flambeau.torch.catalog;

import static dev.flambeau.torch.catalog.Entry.entry;

import java.util.List;

/** Products, factorizations and {@code linalg}. */
final class LinearAlgebraEntries {
  static final List<Entry> ALL =
      List.of(
          entry("matmul", "Tensor.matmul", a -> a.self().matmul(a.tensor("other"))),
          entry("mv", "Tensor.matmul", a -> a.self().matmul(a.tensor("vec"))));

  private LinearAlgebraEntries() {}
}
