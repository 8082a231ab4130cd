package dev.flambeau.torch.conformance;

import dev.flambeau.torch.catalog.Catalog;
import dev.flambeau.torch.catalog.Entry;
import dev.flambeau.torch.conformance.CaseResult.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** The page of operators: the catalog and what the samples say of it. */
public final class OperatorPage {
  private static final String HEAD =
      """
      # Operators

      PyTorch's operators and ours; written by `./flambeau conformance ops DIR --page FILE` from the
      registry, do not edit. Element types and gradients are those that samples of PyTorch 1.13
      confirm; cases are samples passed of all.

      | PyTorch | Flambeau | types | gradient | devices | cases |
      | --- | --- | --- | --- | --- | --- |
      """;

  private OperatorPage() {}

  /** The page. */
  public static String of(List<FileResult> results) {
    return HEAD
        + Catalog.entries().values().stream()
            .map(e -> row(e, results) + "\n")
            .collect(Collectors.joining());
  }

  private static String row(Entry e, List<FileResult> results) {
    List<CaseResult> cases = new ArrayList<>();
    results.stream()
        .filter(r -> r.operator().equals(e.name()))
        .forEach(r -> cases.addAll(r.cases()));
    List<CaseResult> passed = cases.stream().filter(c -> c.outcome() == Outcome.PASSED).toList();
    String types =
        passed.stream().map(c -> type(c.id())).distinct().sorted().collect(Collectors.joining(" "));
    boolean gradient = passed.stream().anyMatch(CaseResult::gradient);
    String count = cases.isEmpty() ? "" : passed.size() + "/" + cases.size();
    String java = e.offered() ? "`" + e.java() + "`" : e.absent().get(0).reason();
    return String.format(
        "| `%s` | %s | %s | %s | %s | %s |",
        e.name(), java, types, gradient ? "yes" : "", e.offered() ? "cpu" : "", count);
  }

  /** The dtype an id begins with. */
  private static String type(String id) {
    for (String type :
        new String[] {"bool", "bf16", "f16", "f32", "f64", "i64", "i32", "i16", "i8", "u8"}) {
      if (id.startsWith(type)) {
        return type;
      }
    }
    return "";
  }
}
