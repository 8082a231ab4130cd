package dev.flambeau.torch.catalog;

import static dev.flambeau.torch.catalog.Entry.entry;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.linalg.Linalg;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Products of matrices and vectors and norms. */
final class LinearAlgebraEntries {
  static final List<Entry> ALL =
      List.of(
          entry("matmul", "Tensor.matmul", a -> a.self().matmul(a.tensor("other"))),
          entry("__rmatmul__", "Tensor.matmul", a -> a.tensor("other").matmul(a.self())),
          entry("mm", "Tensor.mm", a -> a.self().mm(a.tensor("mat2"))),
          entry("bmm", "Tensor.bmm", a -> a.self().bmm(a.tensor("mat2"))),
          entry("mv", "Tensor.mv", a -> a.self().mv(a.tensor("vec"))),
          entry("dot", "Tensor.dot", a -> a.self().dot(a.tensor("tensor"))),
          entry("vdot", "Tensor.dot", a -> a.self().dot(a.tensor("other"))),
          entry("inner", "Tensor.inner", a -> a.self().inner(a.tensor("other"))),
          entry("outer", "Tensor.outer", a -> a.self().outer(a.tensor("vec2"))),
          entry("addmm", "Tensor.addmm", a -> sum(a, "mat1", "mat2", a.self()::addmm)),
          entry("addmv", "Tensor.addmv", a -> sum(a, "mat", "vec", a.self()::addmv)),
          entry("addr", "Tensor.addr", a -> sum(a, "vec1", "vec2", a.self()::addr)),
          entry("addbmm", "Tensor.addbmm", a -> sum(a, "batch1", "batch2", a.self()::addbmm)),
          entry("baddbmm", "Tensor.baddbmm", a -> sum(a, "batch1", "batch2", a.self()::baddbmm)),
          entry(
              "einsum",
              "Torch.einsum",
              a -> Torch.einsum(a.text("equation", ""), a.selfTensors().toArray(Tensor[]::new))),
          entry("tensordot", "Torch.tensordot", LinearAlgebraEntries::tensordot),
          entry("kron", "Torch.kron", a -> Torch.kron(a.self(), a.tensor("other")))
              .tolerance(2e-5, 2e-5, "gradients are F32 sums over a whole factor"),
          entry("cross", "Torch.cross", LinearAlgebraEntries::cross),
          entry(
              "linalg.cross",
              "Linalg.cross",
              a -> Linalg.cross(a.self(), a.tensor("other"), a.axis("dim", -1))),
          entry(
              "linalg.vecdot",
              "Linalg.vecdot",
              a -> Linalg.vecdot(a.self(), a.tensor("y"), a.axis("dim", -1))),
          entry("linalg.multi_dot", "Linalg.multiDot", a -> Linalg.multiDot(a.selfTensors())),
          entry("linalg.vector_norm", "Linalg.vectorNorm", LinearAlgebraEntries::vectorNorm),
          entry("linalg.matrix_norm", "Linalg.matrixNorm", LinearAlgebraEntries::matrixNorm),
          entry("linalg.norm", "Linalg.norm", LinearAlgebraEntries::linalgNorm),
          entry("linalg.cond", "Linalg.cond", a -> Linalg.cond(a.self(), order(a, "p"))));

  private LinearAlgebraEntries() {}

  /** {@code beta * input + alpha * product}. */
  @FunctionalInterface
  private interface Sum {
    Tensor of(Tensor a, Tensor b, Number beta, Number alpha);
  }

  private static Tensor sum(Arguments a, String first, String second, Sum sum) {
    Tensor x = a.tensor(first);
    Tensor y = a.tensor(second);
    Number beta = a.named("beta") == null ? 1L : a.number("beta");
    Number alpha = a.named("alpha") == null ? 1L : a.number("alpha");
    return sum.of(x, y, beta, alpha);
  }

  private static Tensor tensordot(Arguments a) {
    Tensor other = a.tensor("other");
    if (a.peek("dims") instanceof List<?> pair && pair.get(0) instanceof List<?> first) {
      a.value("dims");
      return Torch.tensordot(a.self(), other, ints(first), ints((List<?>) pair.get(1)));
    }
    return Torch.tensordot(a.self(), other, a.axis("dims", 2));
  }

  private static int[] ints(List<?> values) {
    return values.stream().mapToInt(v -> Math.toIntExact((Long) v)).toArray();
  }

  private static Tensor cross(Arguments a) {
    Tensor other = a.tensor("other");
    return a.has("dim")
        ? Torch.cross(a.self(), other, a.axis("dim"))
        : Torch.cross(a.self(), other);
  }

  /** An order of a norm as text: "fro", "nuc", "inf", "2", "0.5". */
  static Optional<String> order(Arguments a, String name) {
    return Optional.ofNullable(a.value(name))
        .map(
            v ->
                switch (v) {
                  case Double d when d.isInfinite() -> d > 0 ? "inf" : "-inf";
                  case Double d when d == Math.rint(d) -> String.valueOf(d.longValue());
                  default -> v.toString();
                });
  }

  private static Tensor typed(Arguments a) {
    return a.named("dtype") == null ? a.self() : a.self().to(a.dtype("dtype"));
  }

  private static Tensor vectorNorm(Arguments a) {
    double p = a.real("ord", 2);
    int[] axes = a.axes("dim");
    boolean keepdim = a.flag("keepdim", false);
    return Linalg.vectorNorm(typed(a), p, axes, keepdim);
  }

  private static Tensor matrixNorm(Arguments a) {
    String p = order(a, "ord").orElse("fro");
    int[] axes = Arrays.stream(a.longs("dim", -2, -1)).mapToInt(Math::toIntExact).toArray();
    boolean keepdim = a.flag("keepdim", false);
    return Linalg.matrixNorm(typed(a), p, axes, keepdim);
  }

  private static Tensor linalgNorm(Arguments a) {
    Optional<String> p = order(a, "ord");
    int[] axes = a.axes("dim");
    boolean keepdim = a.flag("keepdim", false);
    return Linalg.norm(typed(a), p, axes, keepdim);
  }
}
