package dev.flambeau.torch.conformance;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.util.Map;

/** What an initializer's values should look like. */
final class Distribution {
  /** Moments of n elements may be off by so many of their deviations. */
  private static final double DEVIATIONS = 5;

  private final CaseFile file;
  private final Map<?, ?> expect;

  Distribution(CaseFile file, Map<?, ?> expect) {
    this.file = file;
    this.expect = expect;
  }

  private String kind() {
    return file.get(expect, "kind", String.class);
  }

  private double number(String name) {
    return file.get(expect, name, Number.class).doubleValue();
  }

  /** What holds for every single draw. */
  void check(String what, Tensor got, Differences differences) {
    Tensor t = got.detach().to(DType.F64);
    switch (kind()) {
      case "exact" -> differences.close(what, got.detach(), file.tensor(expect.get("tensor")));
      case "constant" -> differences.close(what, t, t.fullLike(number("value")));
      case "orthogonal" -> orthogonal(what, t, differences);
      case "sparse_normal" -> {
        Tensor zeros = t.eq(0).sum(0);
        long wanted = file.get(expect, "zeros_per_column", Long.class);
        differences.equal(what + ": least zeros in a column", zeros.min().itemLong(), wanted);
        differences.equal(what + ": most zeros in a column", zeros.max().itemLong(), wanted);
      }
      default -> {}
    }
    if (expect.get("zero_row") instanceof Long row) {
      differences.close(what + " row " + row, t.select(0, row).abs().sum().item(), 0);
    }
  }

  private void orthogonal(String what, Tensor t, Differences differences) {
    long rows = file.get(expect, "rows", Long.class);
    Tensor matrix = t.reshape(rows, file.get(expect, "cols", Long.class));
    Tensor q = file.get(expect, "gram", String.class).startsWith("Q^T") ? matrix.t() : matrix;
    Tensor gram = q.matmul(q.t());
    Tensor wanted = Torch.eye(gram.size(0)).to(DType.F64).mul(number("scale"));
    double off = gram.sub(wanted).abs().max().item();
    if (!(off < 1e-5)) {
      differences.note(what + ": off by " + off + " from orthonormal");
    }
  }

  /** What holds for many elements. */
  void checkMoments(String what, Tensor elements, Differences differences) {
    if (expect.get("std") == null) {
      return;
    }
    Tensor x = elements.to(DType.F64);
    if (kind().equals("sparse_normal") || expect.get("zero_row") != null) {
      x = x.maskedSelect(x.ne(0));
    }
    if (x.numel() == 0) {
      return;
    }
    double std = number("std");
    double spread = DEVIATIONS * std / Math.sqrt(x.numel());
    within(what + ": mean", x.mean().item(), number("mean"), spread, differences);
    within(what + ": deviation", x.std().item(), std, spread, differences);
    if (expect.get("low") != null) {
      range(what, x, differences);
    } else {
      normal(what, x, differences);
    }
  }

  private static void within(
      String what, double got, double wanted, double spread, Differences differences) {
    if (!(Math.abs(got - wanted) <= spread)) {
      differences.note(what + " " + got + ", expected " + wanted + " within " + spread);
    }
  }

  /** Within the bounds, but for rounding, and near both. */
  private void range(String what, Tensor x, Differences differences) {
    double low = number("low");
    double high = number("high");
    double rounding = 1e-6 * Math.max(Math.abs(low), Math.abs(high));
    double least = x.min().item();
    double most = x.max().item();
    if (least < low - rounding || most > high + rounding) {
      differences.note(
          what + ": in [" + least + ", " + most + "], expected [" + low + ", " + high + "]");
    }
    boolean reaches = kind().equals("uniform") && x.numel() >= 1000;
    double margin = 0.02 * (high - low);
    if (reaches && (least > low + margin || most < high - margin)) {
      differences.note(what + ": only in [" + least + ", " + most + "]");
    }
  }

  /** As many elements within one deviation as the distribution has. */
  private void normal(String what, Tensor x, Differences differences) {
    double inner = 0.682689492137086;
    double part = x.sub(number("mean")).abs().le(number("std")).to(DType.F64).mean().item();
    double spread = DEVIATIONS * Math.sqrt(inner * (1 - inner) / x.numel());
    within(what + ": part within one deviation", part, inner, spread, differences);
  }
}
