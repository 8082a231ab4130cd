package dev.flambeau.torch.catalog;

import java.util.List;

/** Random samplers: shapes and types are compared, contents are not determined. */
final class RandomEntries {
  static final List<Entry> ALL = List.of();

  private RandomEntries() {}
}
