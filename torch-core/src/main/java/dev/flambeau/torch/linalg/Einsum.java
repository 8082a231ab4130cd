package dev.flambeau.torch.linalg;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * Einstein's summation. Operands become tensors whose axes are in the order of labels; two at a
 * time are contracted by matrix products, each time the pair with the smallest result (the greedy
 * order of Smith and Gray 2018, "opt_einsum").
 */
public final class Einsum {
  /** Labels of an ellipsis count down from here, the last axis first. */
  private static final int ELLIPSIS = -1;

  private final List<Tensor> operands = new ArrayList<>();
  private final List<List<Integer>> labels = new ArrayList<>();
  private final Map<Integer, Long> sizes = new HashMap<>();
  private final String equation;

  private Einsum(String equation) {
    this.equation = equation;
  }

  /** The sum over all labels that are not in the output; letters, and "..." for broadcast axes. */
  public static Tensor einsum(String equation, List<Tensor> operands) {
    Einsum e = new Einsum(equation);
    String text = equation.replace(" ", "");
    int arrow = text.indexOf("->");
    String[] terms = (arrow < 0 ? text : text.substring(0, arrow)).split(",", -1);
    if (terms.length != operands.size()) {
      throw TorchException.argument(
          "einsum",
          "equation",
          equation + " for " + operands.size() + " operands",
          "a term for each operand");
    }
    for (int i = 0; i < terms.length; i++) {
      e.add(terms[i], operands.get(i));
    }
    List<Integer> output =
        arrow < 0 ? e.implied(terms) : e.parse(text.substring(arrow + 2), e.ellipsis());
    for (int label : output) {
      if (!e.sizes.containsKey(label) || output.indexOf(label) != output.lastIndexOf(label)) {
        throw e.malformed("output labels that occur once there and in an operand");
      }
    }
    return e.contract(output);
  }

  private TorchException malformed(String allowed) {
    return TorchException.argument("einsum", "equation", equation, allowed);
  }

  private int ellipsis() {
    return (int) sizes.keySet().stream().filter(l -> l <= ELLIPSIS).count();
  }

  /** The labels of a term; an ellipsis stands for {@code extra} axes. */
  private List<Integer> parse(String term, int extra) {
    List<Integer> all = new ArrayList<>();
    boolean seen = false;
    for (int i = 0; i < term.length(); i++) {
      char c = term.charAt(i);
      if (c == '.') {
        if (seen || !term.startsWith("...", i)) {
          throw malformed("one ellipsis of three points in a term");
        }
        seen = true;
        for (int k = extra - 1; k >= 0; k--) {
          all.add(ELLIPSIS - k);
        }
        i += 2;
      } else if (c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z') {
        all.add((int) c);
      } else {
        throw malformed("letters, commas, points and one arrow");
      }
    }
    return all;
  }

  /** Adds an operand; repeated labels become their diagonal, axes are sorted by label. */
  private void add(String term, Tensor operand) {
    int named = term.replace("...", "").length();
    int extra = term.contains("...") ? operand.dim() - named : 0;
    if (extra < 0 || named + extra != operand.dim()) {
      throw TorchException.shape(
          "einsum", "operands[" + operands.size() + "]", operand.shape(), "the axes of " + term);
    }
    List<Integer> axes = parse(term, extra);
    Tensor x = operand;
    for (int i = axes.size() - 1; i >= 0; i--) {
      int first = axes.indexOf(axes.get(i));
      if (first < i) {
        x = diagonal(x, first, i);
        axes.remove(i);
      }
    }
    for (int i = 0; i < axes.size(); i++) {
      long size = x.size(i);
      long known = sizes.getOrDefault(axes.get(i), 1L);
      if (known != 1 && size != 1 && known != size) {
        throw TorchException.shape(
            "einsum",
            "operands[" + operands.size() + "]",
            operand.shape(),
            "size " + known + " for the same label");
      }
      sizes.put(axes.get(i), known == 1 ? size : known);
    }
    operands.add(x);
    labels.add(axes);
  }

  /** The diagonal of two axes, at the place of the first. */
  private static Tensor diagonal(Tensor x, int first, int second) {
    if (x.size(first) != x.size(second)) {
      throw TorchException.shape(
          "einsum", "operand", x.shape(), "equal sizes for a label that is repeated");
    }
    int[] order = new int[x.dim()];
    int n = 0;
    for (int i = 0; i < order.length; i++) {
      if (i != first && i != second) {
        order[n++] = i;
      }
    }
    order[n] = first;
    order[n + 1] = second;
    Tensor d = x.permute(order).diagonal(0, -2, -1);
    int[] back = new int[d.dim()];
    for (int i = 0, k = 0; i < back.length; i++) {
      back[i] = i == first ? back.length - 1 : k++;
    }
    return d.permute(back);
  }

  /** Without an arrow: the ellipsis, then labels that occur once, in alphabetical order. */
  private List<Integer> implied(String[] terms) {
    List<Integer> output = new ArrayList<>();
    for (int k = ellipsis() - 1; k >= 0; k--) {
      output.add(ELLIPSIS - k);
    }
    String all = String.join("", terms);
    for (int label : new TreeSet<>(sizes.keySet())) {
      if (label > 0 && all.indexOf(label) == all.lastIndexOf(label)) {
        output.add(label);
      }
    }
    return output;
  }

  private Tensor contract(List<Integer> output) {
    while (operands.size() > 1) {
      int[] pair = cheapest(output);
      List<Integer> keep = kept(pair[0], pair[1], output);
      Tensor product = multiply(pair[0], pair[1], keep);
      operands.remove(pair[1]);
      labels.remove(pair[1]);
      operands.set(pair[0], product);
      labels.set(pair[0], keep);
    }
    Tensor x = summed(0, output);
    List<Integer> axes = labels.get(0);
    int[] order = output.stream().mapToInt(axes::indexOf).toArray();
    return x.permute(order);
  }

  /** The pair whose product is smallest compared with its operands. */
  private int[] cheapest(List<Integer> output) {
    int[] best = {0, 1};
    double least = Double.POSITIVE_INFINITY;
    for (int i = 0; i < operands.size(); i++) {
      for (int j = i + 1; j < operands.size(); j++) {
        double size = 1;
        for (int label : kept(i, j, output)) {
          size *= sizes.get(label);
        }
        double cost = size - operands.get(i).numel() - operands.get(j).numel();
        if (cost < least) {
          least = cost;
          best = new int[] {i, j};
        }
      }
    }
    return best;
  }

  /** Labels of two operands that others or the output still need, in order of first use. */
  private List<Integer> kept(int i, int j, List<Integer> output) {
    List<Integer> keep = new ArrayList<>(labels.get(i));
    labels.get(j).stream().filter(l -> !keep.contains(l)).forEach(keep::add);
    keep.removeIf(
        l -> {
          boolean needed = output.contains(l);
          for (int k = 0; k < labels.size(); k++) {
            needed |= k != i && k != j && labels.get(k).contains(l);
          }
          return !needed;
        });
    return keep;
  }

  /** Sums the axes of an operand that are not wanted. */
  private Tensor summed(int i, List<Integer> wanted) {
    List<Integer> axes = labels.get(i);
    int[] drop =
        IntStream.range(0, axes.size()).filter(a -> !wanted.contains(axes.get(a))).toArray();
    if (drop.length == 0) {
      return operands.get(i);
    }
    labels.set(i, new ArrayList<>(axes.stream().filter(wanted::contains).toList()));
    return operands.get(i).sum(drop, false);
  }

  /** One batched matrix product: (shared and kept, only i's, summed) x (.., summed, only j's). */
  private Tensor multiply(int i, int j, List<Integer> keep) {
    List<Integer> both = new ArrayList<>(keep);
    both.addAll(labels.get(i).stream().filter(labels.get(j)::contains).toList());
    Tensor a = summed(i, both);
    Tensor b = summed(j, both);
    List<Integer> ofA = labels.get(i);
    List<Integer> ofB = labels.get(j);
    List<Integer> shared = keep.stream().filter(l -> ofA.contains(l) && ofB.contains(l)).toList();
    List<Integer> onlyA = keep.stream().filter(l -> !ofB.contains(l)).toList();
    List<Integer> onlyB = keep.stream().filter(l -> !ofA.contains(l)).toList();
    List<Integer> inner = ofA.stream().filter(l -> ofB.contains(l) && !keep.contains(l)).toList();
    Tensor left = arranged(a, ofA, List.of(shared, onlyA, inner));
    Tensor right = arranged(b, ofB, List.of(shared, inner, onlyB));
    Tensor product = left.matmul(right);
    List<Integer> order = new ArrayList<>(shared);
    order.addAll(onlyA);
    order.addAll(onlyB);
    long[] shape = order.stream().mapToLong(sizes::get).toArray();
    int[] back = keep.stream().mapToInt(order::indexOf).toArray();
    return product.reshape(shape).permute(back);
  }

  /** Axes in three groups, each one axis; sizes of 1 stretched to their label's. */
  private Tensor arranged(Tensor x, List<Integer> axes, List<List<Integer>> groups) {
    List<Integer> all = groups.stream().flatMap(List::stream).toList();
    int[] order = all.stream().mapToInt(axes::indexOf).toArray();
    long[] full = all.stream().mapToLong(sizes::get).toArray();
    long[] three = new long[3];
    Arrays.fill(three, 1);
    for (int g = 0; g < 3; g++) {
      for (int label : groups.get(g)) {
        three[g] *= sizes.get(label);
      }
    }
    return x.permute(order).expand(full).reshape(three);
  }
}
