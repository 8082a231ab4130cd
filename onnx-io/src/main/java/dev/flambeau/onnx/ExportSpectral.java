package dev.flambeau.onnx;

import static dev.flambeau.onnx.ExportGraph.attribute;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.op.PseudoInverse;
import dev.flambeau.torch.op.Svd;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Singular values and eigenvalues by rotations that make columns orthogonal (Hestenes 1958), as
 * many pairs of columns at a step of a Loop as are disjoint (Brent and Luk 1985), in F64.
 */
final class ExportSpectral {
  /** Rounds through all pairs; each squares what is left, so that 6 to 10 are enough. */
  private static final long SWEEPS = 14;

  private final ExportCall call;
  private final ExportGraph graph;
  private final int columns;
  private final boolean turned;
  private final List<long[]> shape;

  /** Of the call's matrices, or of their transposes where those have fewer columns. */
  private ExportSpectral(ExportCall call) {
    this.call = call;
    this.graph = call.graph();
    List<long[]> given = call.shape(0);
    int rank = given.size();
    if (given.subList(rank - 2, rank).stream().anyMatch(graph.sizes::varies)) {
      throw new ExportGraph.Hole("singular values or eigenvalues of matrices of open size");
    }
    long m = given.get(rank - 2)[0];
    long n = given.get(rank - 1)[0];
    this.turned = m < n;
    this.columns = (int) Math.min(m, n);
    this.shape = new ArrayList<>(given);
    if (turned) {
      shape.set(rank - 2, given.get(rank - 1));
      shape.set(rank - 1, given.get(rank - 2));
    }
  }

  private ExportValue transposed(ExportValue x) {
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < shape.size(); i++) {
      order.add(i);
    }
    order.set(shape.size() - 1, shape.size() - 2);
    order.set(shape.size() - 2, shape.size() - 1);
    return x.transpose(order);
  }

  /** Each in its turn meets every other: the pairs of each round, then who is left. */
  private static long[][] rounds(int players) {
    int even = players + players % 2;
    long[][] rounds = new long[even - 1][players];
    for (int r = 0; r < even - 1; r++) {
      List<Integer> first = new ArrayList<>();
      List<Integer> second = new ArrayList<>();
      List<Integer> rest = new ArrayList<>();
      for (int i = 0; i < even / 2; i++) {
        int a = i == 0 ? even - 1 : (r + i) % (even - 1);
        int b = (r + even - 1 - i) % (even - 1);
        if (a < players && b < players) {
          first.add(a);
          second.add(b);
        } else {
          rest.add(Math.min(a, b));
        }
      }
      first.addAll(second);
      first.addAll(rest);
      rounds[r] = first.stream().mapToLong(Integer::longValue).toArray();
    }
    return rounds;
  }

  private ExportValue table(long[][] rows) {
    long[] all = Arrays.stream(rows).flatMapToLong(Arrays::stream).toArray();
    return new ExportValue(
        graph,
        graph.constant(Torch.tensor(all, rows.length, rows.length == 0 ? 0 : rows[0].length)));
  }

  /** Orthogonal columns A V, and V, by falling length of the columns. */
  private List<ExportValue> rotated(ExportValue a) {
    ExportValue numbers = call.range(new long[] {columns});
    ExportValue eye = numbers.unsqueeze(1).eq(numbers).to(DType.F64);
    List<long[]> square = new ArrayList<>(shape);
    square.set(square.size() - 2, new long[] {columns});
    ExportValue v = eye.expand(graph.shape(square, false));
    if (columns < 2) {
      return List.of(a, v);
    }
    long[][] order = rounds(columns);
    long[][] back = new long[order.length][columns];
    for (int r = 0; r < order.length; r++) {
      for (int i = 0; i < columns; i++) {
        back[r][(int) order[r][i]] = i;
      }
    }
    ExportValue orders = table(order);
    ExportValue backs = table(back);
    ExportValue count = call.whole(order.length);
    List<ExportValue> out =
        call.values(
            ExportLoop.times(
                graph,
                graph.whole(SWEEPS * order.length),
                List.of(a.name(), v.name()),
                (states, k) -> {
                  ExportValue round = k.mod(count);
                  ExportValue there = orders.gather(round, 0);
                  ExportValue home = backs.gather(round, 0);
                  return round(states, there, home);
                }));
    ExportValue lengths = lengths(out.get(0));
    ExportValue falling = ExportOrdering.order(lengths, shape.size() - 2, true);
    return List.of(picked(out.get(0), falling), picked(out.get(1), falling));
  }

  private static ExportValue lengths(ExportValue a) {
    return a.mul(a).sum(false, -2).sqrt();
  }

  /** The columns in an order of each matrix's own. */
  private ExportValue picked(ExportValue a, ExportValue order) {
    ExportValue index = order.unsqueeze(-2).expand(a.shape().name());
    return a.node("GatherElements", index, attribute("axis", -1L));
  }

  private ExportValue part(ExportValue x, int from, int to) {
    return new ExportValue(
        graph,
        graph.node(
            "Slice", List.of(x.name(), graph.longs(from), graph.longs(to), graph.longs(-1))));
  }

  private ExportLoop.Next round(List<ExportValue> states, ExportValue there, ExportValue home) {
    int pairs = columns / 2;
    ExportValue a = states.get(0).gather(there, -1);
    ExportValue p = part(a, 0, pairs);
    ExportValue q = part(a, pairs, 2 * pairs);
    ExportValue dot = p.mul(q).sum(true, -2);
    ExportValue none = dot.eq(0);
    ExportValue gap = q.mul(q).sum(true, -2).sub(p.mul(p).sum(true, -2));
    ExportValue zeta = gap.div(none.where(dot.number(1), dot.mul(2)));
    ExportValue root = zeta.abs().add(zeta.mul(zeta).add(1).sqrt()).under(1);
    ExportValue tangent = none.where(root.number(0), zeta.lt(0).where(root.neg(), root));
    ExportValue cosine = tangent.mul(tangent).add(1).sqrt().under(1);
    ExportValue sine = tangent.mul(cosine);
    List<ExportValue> next = new ArrayList<>();
    for (ExportValue state : states) {
      ExportValue all = state.gather(there, -1);
      ExportValue left = part(all, 0, pairs);
      ExportValue right = part(all, pairs, 2 * pairs);
      List<String> parts = new ArrayList<>();
      parts.add(left.mul(cosine).sub(right.mul(sine)).name());
      parts.add(left.mul(sine).add(right.mul(cosine)).name());
      if (columns % 2 == 1) {
        parts.add(part(all, 2 * pairs, columns).name());
      }
      String joined = graph.node("Concat", parts, attribute("axis", -1L));
      next.add(new ExportValue(graph, joined).gather(home, -1));
    }
    return ExportLoop.next(next);
  }

  static List<String> svd(ExportCall c, Svd op) {
    ExportSpectral self = new ExportSpectral(c);
    if (self.columns == 0) {
      return List.of(self.unit(0), self.unit(1), self.unit(2));
    }
    ExportValue a = c.in(0).to(DType.F64);
    List<ExportValue> out = self.rotated(self.turned ? self.transposed(a) : a);
    ExportValue values = lengths(out.get(0));
    ExportValue full = ExportReflections.directions(c, out.get(0), self.shape);
    ExportValue u = op.full() ? full : self.part(full, 0, self.columns);
    DType type = c.meta(0).dtype();
    ExportValue left = self.turned ? out.get(1) : u;
    ExportValue right = self.turned ? u : out.get(1);
    return List.of(
        left.to(type).name(), values.to(type).name(), self.transposed(right).to(type).name());
  }

  /** What the factors of matrices without elements are. */
  private String unit(int output) {
    DType type = call.meta(0).dtype();
    List<long[]> wanted = call.resultShape(output);
    ExportValue numbers = call.range(wanted.getLast());
    ExportValue eye = numbers.unsqueeze(1).eq(numbers).to(type);
    return output == 1 || call.result(output).shape().numel() == 0
        ? call.full(0, type, wanted).name()
        : eye.expand(graph.shape(wanted, false)).name();
  }

  /** The lower triangle and its mirror image. */
  private ExportValue symmetric(ExportValue a) {
    ExportValue numbers = call.range(new long[] {columns});
    ExportValue rows = numbers.unsqueeze(1);
    return numbers.le(rows).where(a, transposed(a));
  }

  /** Of A + c with c so large that no eigenvalue is negative; these then by v^T A v. */
  static List<String> eigh(ExportCall c) {
    ExportSpectral self = new ExportSpectral(c);
    ExportValue a = self.symmetric(c.in(0).to(DType.F64));
    ExportValue norm = a.mul(a).sum(true, -2, -1).sqrt();
    ExportValue numbers = c.range(new long[] {self.columns});
    ExportValue eye = numbers.unsqueeze(1).eq(numbers).to(DType.F64);
    ExportValue v = self.rotated(a.add(eye.mul(norm))).get(1);
    ExportValue values = v.mul(a.matmul(v)).sum(false, -2);
    ExportValue rising = ExportOrdering.order(values, self.shape.size() - 2, false);
    DType type = c.meta(0).dtype();
    ExportValue sorted = values.node("GatherElements", rising, attribute("axis", -1L));
    return List.of(sorted.to(type).name(), self.picked(v, rising).to(type).name());
  }

  /** V S^-2 (A V)^T without singular values up to max(atol, rtol largest). */
  static String inverse(ExportCall c, PseudoInverse op) {
    ExportSpectral self = new ExportSpectral(c);
    ExportValue a = c.in(0).to(DType.F64);
    a = op.hermitian() ? self.symmetric(a) : a;
    List<ExportValue> out = self.rotated(self.turned ? self.transposed(a) : a);
    ExportValue values = lengths(out.get(0));
    ExportValue largest = self.part(values, 0, 1);
    ExportValue least =
        c.in(1).to(DType.F64).unsqueeze(-1).max(c.in(2).to(DType.F64).unsqueeze(-1).mul(largest));
    ExportValue counts = least.lt(values);
    ExportValue squares = counts.where(values.mul(values), values.number(1));
    ExportValue factors = counts.where(squares.under(1), values.number(0)).unsqueeze(-2);
    ExportValue p = out.get(1).mul(factors).matmul(self.transposed(out.get(0)));
    return (self.turned ? self.transposed(p) : p).to(c.meta(0).dtype()).name();
  }
}
