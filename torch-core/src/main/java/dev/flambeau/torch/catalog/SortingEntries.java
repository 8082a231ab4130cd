package dev.flambeau.torch.catalog;

import java.util.List;

/** Sorting, searching and counting. */
final class SortingEntries {
  static final List<Entry> ALL = List.of();

  private SortingEntries() {}
}
