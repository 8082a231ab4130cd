package dev.flambeau.onnx;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A size of a tensor, or a number in a tensor of sizes, as an expression over open sizes: {@code
 * batch*2}, {@code floor((h+1)/2)}.
 *
 * <p>It is a sum of products of integers and {@link SizeAtom}s over a common divisor, in one order,
 * so that equal sums have equal texts, and the text stands for the expression. Whether {@code
 * max(a, b)} is {@code a} is decided by bounds: declared names are taken as 1 or more. What cannot
 * be known is {@link #UNKNOWN}, which every operation hands on: numbers beyond long, and
 * expressions with more than {@value #MOST_TERMS} terms or a text longer than {@value #LONGEST},
 * which keeps the work on a hostile file in bounds.
 */
final class Size {
  private static final int MOST_TERMS = 12;
  private static final int LONGEST = 160;
  private static final long SHORT = 1 << 10;
  private static final long LARGE = 1 << 20;

  /** What is not known; not even equal to itself. */
  static final Size UNKNOWN = new Size(List.of(), 1, "?");

  static final Size ZERO = of(0);
  static final Size ONE = of(1);

  /** A product; {@code key} is its text without the number. */
  record Term(long factor, String key, List<SizeAtom> atoms) {}

  final List<Term> terms;
  final long divisor;
  private final String text;
  private final long least;
  private final long most;

  private Size(List<Term> terms, long divisor, String text) {
    this.terms = terms;
    this.divisor = divisor;
    this.text = text;
    boolean known = !text.equals("?");
    long low = known ? 0 : Bounds.LOW;
    long high = known ? 0 : Bounds.HIGH;
    for (Term term : terms) {
      long[] range = {term.factor, term.factor};
      for (SizeAtom atom : term.atoms) {
        range = Bounds.product(range, atom.range());
      }
      low = Bounds.sum(low, range[0]);
      high = Bounds.sum(high, range[1]);
    }
    this.least = Bounds.over(low, divisor);
    this.most = Bounds.over(high, divisor);
  }

  static Size of(long number) {
    List<Term> terms = number == 0 ? List.of() : List.of(new Term(number, "", List.of()));
    return new Size(terms, 1, Long.toString(number));
  }

  /** A declared name. */
  static Size named(String name) {
    return atom(new SizeAtom.Name(name, 1));
  }

  /** A size of 0 or more of which nothing is known. */
  static Size open(String name) {
    return atom(new SizeAtom.Name(name, 0));
  }

  private static Size atom(SizeAtom atom) {
    return build(List.of(new Term(1, atom.text(), List.of(atom))), 1);
  }

  static Size applied(SizeAtom.Function function, Size a, Size b, String text) {
    return text.length() > LONGEST ? UNKNOWN : atom(new SizeAtom.Applied(function, a, b, text));
  }

  /** In order, without zeros, over the smallest divisor. */
  static Size build(Collection<Term> sum, long divisor) {
    List<Term> terms = new ArrayList<>();
    long common = divisor;
    for (Term term : sum) {
      if (term.factor != 0) {
        terms.add(term);
        common = gcd(common, term.factor);
      }
    }
    if (terms.size() > MOST_TERMS) {
      return UNKNOWN;
    }
    for (int i = 0; i < terms.size() && common > 1; i++) {
      Term t = terms.get(i);
      terms.set(i, new Term(t.factor / common, t.key, t.atoms));
    }
    // Names before the number, which has the empty key and so comes first in the order.
    if (terms.size() > 1 && terms.getFirst().key.isEmpty()) {
      terms.add(terms.removeFirst());
    }
    String text = SizeText.of(terms, divisor / common);
    return text.length() > LONGEST ? UNKNOWN : new Size(terms, divisor / common, text);
  }

  private static long gcd(long a, long b) {
    return b == 0 ? Math.abs(a) : gcd(b, a % b);
  }

  boolean isKnown() {
    return this != UNKNOWN;
  }

  boolean isNumber() {
    return isKnown() && divisor == 1 && (terms.isEmpty() || isConstant());
  }

  private boolean isConstant() {
    return terms.size() == 1 && terms.getFirst().key.isEmpty();
  }

  boolean is(long number) {
    return isNumber() && number() == number;
  }

  /** Its value where it {@link #isNumber}. */
  long number() {
    return terms.isEmpty() ? 0 : terms.getFirst().factor;
  }

  /** The value of a number or fraction; NaN if it has open sizes. */
  double real() {
    if (!isKnown() || !terms.isEmpty() && !isConstant()) {
      return Double.NaN;
    }
    return (double) number() / divisor;
  }

  /** This if floating point numbers hold it and its values exactly, or next to it; else unknown. */
  Size exact() {
    boolean small = divisor <= SHORT && terms.stream().allMatch(t -> Math.abs(t.factor) <= LARGE);
    return small || terms.size() <= 1 && isConstant() ? this : UNKNOWN;
  }

  boolean isInteger() {
    return isKnown() && divisor == 1;
  }

  /** No value of it is smaller. */
  long least() {
    return least;
  }

  /** No value of it is larger. */
  long most() {
    return most;
  }

  /** Whether both are the same expression. */
  boolean same(Size other) {
    return isKnown() && other.isKnown() && text.equals(other.text);
  }

  /** Whether both are numbers, and different ones. */
  boolean differs(Size other) {
    return isNumber() && other.isNumber() && number() != other.number();
  }

  Size plus(Size other) {
    return combine(other, 1);
  }

  Size minus(Size other) {
    return combine(other, -1);
  }

  Size plus(long number) {
    return plus(of(number));
  }

  private Size combine(Size other, int sign) {
    if (!isKnown() || !other.isKnown()) {
      return UNKNOWN;
    }
    try {
      if (isNumber() && other.isNumber()) {
        return of(Math.addExact(number(), Math.multiplyExact(sign, other.number())));
      }
      TreeMap<String, Term> sum = new TreeMap<>();
      long common = Math.multiplyExact(divisor / gcd(divisor, other.divisor), other.divisor);
      add(sum, this, common / divisor);
      add(sum, other, Math.multiplyExact(sign, common / other.divisor));
      return build(sum.values(), common);
    } catch (ArithmeticException e) {
      return UNKNOWN;
    }
  }

  private static void add(TreeMap<String, Term> sum, Size size, long times) {
    for (Term t : size.terms) {
      add(sum, new Term(Math.multiplyExact(t.factor, times), t.key, t.atoms));
    }
  }

  private static void add(TreeMap<String, Term> sum, Term term) {
    sum.merge(
        term.key, term, (a, b) -> new Term(Math.addExact(a.factor, b.factor), a.key, a.atoms));
  }

  Size times(Size other) {
    if (!isKnown() || !other.isKnown() || terms.size() * other.terms.size() > 4 * MOST_TERMS) {
      return UNKNOWN;
    }
    try {
      if (isNumber() && other.isNumber()) {
        return of(Math.multiplyExact(number(), other.number()));
      }
      TreeMap<String, Term> sum = new TreeMap<>();
      for (Term a : terms) {
        for (Term b : other.terms) {
          List<SizeAtom> atoms = new ArrayList<>(a.atoms);
          atoms.addAll(b.atoms);
          add(sum, term(Math.multiplyExact(a.factor, b.factor), atoms));
        }
      }
      return build(sum.values(), Math.multiplyExact(divisor, other.divisor));
    } catch (ArithmeticException e) {
      return UNKNOWN;
    }
  }

  Size times(long number) {
    return times(of(number));
  }

  static Term term(long factor, List<SizeAtom> atoms) {
    atoms.sort(Comparator.comparing(SizeAtom::text));
    List<String> texts = atoms.stream().map(SizeAtom::text).toList();
    return new Term(factor, String.join("*", texts), List.copyOf(atoms));
  }

  static Size product(Size... sizes) {
    Size product = ONE;
    for (Size size : sizes) {
      product = product.times(size);
    }
    return product;
  }

  /** As a fraction; only a number divides. */
  Size fraction(Size by) {
    if (!isKnown() || Double.isNaN(by.real()) || by.real() == 0) {
      return UNKNOWN;
    }
    long sign = by.number() < 0 ? -1 : 1;
    return times(by.divisor).times(sign).divided(sign * by.number());
  }

  private Size divided(long by) {
    try {
      return isKnown() ? build(terms, Math.multiplyExact(divisor, by)) : UNKNOWN;
    } catch (ArithmeticException e) {
      return UNKNOWN;
    }
  }

  /** The largest integer that is not larger. */
  Size floor() {
    if (!isKnown() || divisor == 1) {
      return this;
    }
    List<Term> whole = new ArrayList<>();
    List<Term> rest = new ArrayList<>();
    for (Term t : terms) {
      whole.add(new Term(Math.floorDiv(t.factor, divisor), t.key, t.atoms));
      rest.add(new Term(Math.floorMod(t.factor, divisor), t.key, t.atoms));
    }
    return build(ordered(whole), 1).plus(build(ordered(rest), divisor).floorOfRest());
  }

  private static Collection<Term> ordered(List<Term> terms) {
    TreeMap<String, Term> order = new TreeMap<>();
    terms.forEach(t -> order.put(t.key, t));
    return order.values();
  }

  /** Of terms with factors smaller than the divisor. */
  private Size floorOfRest() {
    if (!isKnown() || divisor == 1) {
      return this;
    }
    if (least == most) {
      return of(least);
    }
    // floor((floor(n/d)+c)/e) = floor((n+c*d)/(d*e))
    if (terms.size() <= 2
        && terms.getFirst().factor == 1
        && terms.getFirst().atoms.size() == 1
        && terms.getFirst().atoms.getFirst() instanceof SizeAtom.Applied(var f, Size inner, _, _)
        && f == SizeAtom.Function.FLOOR
        && (terms.size() == 1 || terms.getLast().key.isEmpty())) {
      return inner.plus(terms.size() == 1 ? 0 : terms.getLast().factor).divided(divisor).floor();
    }
    return applied(SizeAtom.Function.FLOOR, this, ONE, "floor(" + text + ")");
  }

  Size ceil() {
    // The dividend is an integer.
    return divisor == 1 ? this : plus(of(divisor - 1).divided(divisor)).floor();
  }

  /** The floor of the quotient; exact where the division is. */
  Size over(Size by) {
    if (!isKnown() || !by.isKnown() || by.is(0)) {
      return UNKNOWN;
    }
    if (!Double.isNaN(by.real())) {
      return fraction(by).floor();
    }
    Size exact = SizeDivision.exactly(this, by);
    return exact.isKnown() ? exact : SizeDivision.floor(this, by);
  }

  /** The rest with the sign of the divisor. */
  Size modulo(Size by) {
    return minus(over(by).times(by));
  }

  Size max(Size other) {
    return SizeChoice.max(this, other);
  }

  Size min(Size other) {
    return SizeChoice.min(this, other);
  }

  /** The size of an axis on which tensors of both sizes meet: the other where one is 1. */
  Size broadcast(Size other) {
    return SizeChoice.broadcast(this, other);
  }

  /** Its names. */
  void names(Set<String> into) {
    terms.forEach(term -> term.atoms.forEach(atom -> atom.names(into)));
  }

  /**
   * Its value, rounded down, for these sizes of its names, which must be all of them.
   *
   * @throws ArithmeticException beyond long, or where it divides by 0
   */
  long at(Map<String, Long> sizes) {
    long sum = 0;
    for (Term term : terms) {
      long product = term.factor;
      for (SizeAtom atom : term.atoms) {
        product = Math.multiplyExact(product, atom.at(sizes));
      }
      sum = Math.addExact(sum, product);
    }
    return Math.floorDiv(sum, divisor);
  }

  @Override
  public String toString() {
    return text;
  }
}
