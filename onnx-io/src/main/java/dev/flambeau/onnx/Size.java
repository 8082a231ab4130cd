package dev.flambeau.onnx;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A size of a tensor, or a number in a tensor of sizes, as an expression over open sizes: {@code
 * batch*2}, {@code floor((h+1)/2)}.
 *
 * <p>It is a sum of products of integers and {@link Atom}s over a common divisor, in one order, so
 * that equal sums have equal texts, and the text stands for the expression. Whether {@code max(a,
 * b)} is {@code a} is decided by bounds: declared names are taken as 1 or more. What cannot be
 * known is {@link #UNKNOWN}, which every operation hands on: numbers beyond long, and expressions
 * with more than {@value #MOST_TERMS} terms or a text longer than {@value #LONGEST}, which keeps
 * the work on a hostile file in bounds.
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

  /** A factor that is no number. */
  private sealed interface Atom {
    String text();
  }

  private record Name(String text, long least) implements Atom {}

  private record Applied(Function function, Size a, Size b, String text) implements Atom {}

  private enum Function {
    FLOOR,
    QUOTIENT,
    MAX,
    MIN,
    BROADCAST
  }

  /** A product; {@code key} is its text without the number. */
  private record Term(long factor, String key, List<Atom> atoms) {}

  private final List<Term> terms;
  private final long divisor;
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
      for (Atom atom : term.atoms) {
        range = Bounds.product(range, range(atom));
      }
      low = Bounds.sum(low, range[0]);
      high = Bounds.sum(high, range[1]);
    }
    this.least = Bounds.over(low, divisor);
    this.most = Bounds.over(high, divisor);
  }

  private static long[] range(Atom atom) {
    return switch (atom) {
      case Name name -> new long[] {name.least, Bounds.HIGH};
      case Applied(Function f, Size a, Size b, _) ->
          switch (f) {
            case FLOOR -> new long[] {a.least, a.most};
            case QUOTIENT ->
                new long[] {a.least >= 0 && b.least >= 0 ? 0 : Bounds.LOW, Bounds.HIGH};
            case MAX -> new long[] {Math.max(a.least, b.least), Math.max(a.most, b.most)};
            case MIN -> new long[] {Math.min(a.least, b.least), Math.min(a.most, b.most)};
            case BROADCAST -> new long[] {0, Math.max(a.most, b.most)};
          };
    };
  }

  static Size of(long number) {
    List<Term> terms = number == 0 ? List.of() : List.of(new Term(number, "", List.of()));
    return new Size(terms, 1, Long.toString(number));
  }

  /** A declared name. */
  static Size named(String name) {
    return atom(new Name(name, 1));
  }

  /** A size of 0 or more of which nothing is known. */
  static Size open(String name) {
    return atom(new Name(name, 0));
  }

  private static Size atom(Atom atom) {
    return build(List.of(new Term(1, atom.text(), List.of(atom))), 1);
  }

  private static Size applied(Function function, Size a, Size b, String text) {
    return text.length() > LONGEST ? UNKNOWN : atom(new Applied(function, a, b, text));
  }

  /** In order, without zeros, over the smallest divisor. */
  private static Size build(Collection<Term> sum, long divisor) {
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
    String text = text(terms, divisor / common);
    return text.length() > LONGEST ? UNKNOWN : new Size(terms, divisor / common, text);
  }

  private static long gcd(long a, long b) {
    return b == 0 ? Math.abs(a) : gcd(b, a % b);
  }

  private static String text(List<Term> terms, long divisor) {
    StringBuilder out = new StringBuilder();
    for (Term term : terms) {
      if (term.key.isEmpty()) {
        out.append(term.factor > 0 && !out.isEmpty() ? "+" : "").append(term.factor);
      } else {
        out.append(term.factor < 0 ? "-" : out.isEmpty() ? "" : "+").append(term.key);
        String factor = Long.toString(term.factor).replace("-", "");
        out.append(factor.equals("1") ? "" : "*" + factor);
      }
    }
    if (out.isEmpty()) {
      return "0";
    }
    return divisor == 1 ? out.toString() : bracketed(out.toString()) + "/" + divisor;
  }

  private static String bracketed(String text) {
    boolean sum = text.lastIndexOf('+') > 0 || text.lastIndexOf('-') > 0;
    return sum ? "(" + text + ")" : text;
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
        term.key,
        term,
        (a, b) -> new Term(Math.addExact(a.factor, b.factor), a.key, a.atoms));
  }

  Size times(Size other) {
    if (!isKnown() || !other.isKnown() || terms.size() * other.terms.size() > 4 * MOST_TERMS) {
      return UNKNOWN;
    }
    try {
      TreeMap<String, Term> sum = new TreeMap<>();
      for (Term a : terms) {
        for (Term b : other.terms) {
          List<Atom> atoms = new ArrayList<>(a.atoms);
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

  private static Term term(long factor, List<Atom> atoms) {
    atoms.sort(java.util.Comparator.comparing(Atom::text));
    List<String> texts = atoms.stream().map(Atom::text).toList();
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
        && terms.getFirst().atoms.getFirst() instanceof Applied(var f, Size inner, _, _)
        && f == Function.FLOOR
        && (terms.size() == 1 || terms.getLast().key.isEmpty())) {
      return inner.plus(terms.size() == 1 ? 0 : terms.getLast().factor).divided(divisor).floor();
    }
    return applied(Function.FLOOR, this, ONE, "floor(" + text + ")");
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
    Size exact = exactly(by);
    if (exact.isKnown()) {
      return exact;
    }
    String text = "floor(" + bracketed(this.text) + "/" + bracketedFactor(by.text) + ")";
    return applied(Function.QUOTIENT, this, by, text);
  }

  private static String bracketedFactor(String text) {
    return text.matches("[\\w.:]+") ? text : "(" + text + ")";
  }

  /** The quotient if there is no rest, by division of polynomials; else unknown. */
  private Size exactly(Size by) {
    Size rest = this;
    Size quotient = ZERO;
    Term lead = by.terms.getFirst();
    for (int i = 0; i < MOST_TERMS && rest.isKnown() && !rest.terms.isEmpty(); i++) {
      Size part = UNKNOWN;
      for (Term t : rest.terms) {
        List<Atom> atoms = new ArrayList<>(t.atoms);
        boolean all = true;
        for (Atom atom : lead.atoms) {
          all &= atoms.remove(atom);
        }
        if (all) {
          part =
              build(List.of(term(t.factor, atoms)), rest.divisor)
                  .times(by.divisor)
                  .fraction(of(lead.factor));
          break;
        }
      }
      if (!part.isInteger()) {
        return UNKNOWN;
      }
      quotient = quotient.plus(part);
      rest = rest.minus(part.times(by));
    }
    return rest.is(0) ? quotient : UNKNOWN;
  }

  /** The rest with the sign of the divisor. */
  Size modulo(Size by) {
    return minus(over(by).times(by));
  }

  Size max(Size other) {
    Size gap = minus(other);
    if (gap.least >= 0 || other.isOneOf(Function.MIN, this) || isOneOf(Function.MAX, other)) {
      return this;
    }
    boolean second =
        gap.most <= 0 || isOneOf(Function.MIN, other) || other.isOneOf(Function.MAX, this);
    return second ? other : pair(Function.MAX, "max", this, other);
  }

  Size min(Size other) {
    Size gap = minus(other);
    if (gap.most <= 0 || other.isOneOf(Function.MAX, this) || isOneOf(Function.MIN, other)) {
      return this;
    }
    boolean second =
        gap.least >= 0 || isOneOf(Function.MAX, other) || other.isOneOf(Function.MIN, this);
    return second ? other : pair(Function.MIN, "min", this, other);
  }

  /** Whether this is the maximum or minimum of a size with another. */
  private boolean isOneOf(Function function, Size size) {
    return divisor == 1
        && terms.size() == 1
        && terms.getFirst().factor == 1
        && terms.getFirst().atoms.size() == 1
        && terms.getFirst().atoms.getFirst() instanceof Applied(Function f, Size a, Size b, _)
        && f == function
        && (a.same(size) || b.same(size));
  }

  /** The size of an axis on which tensors of both sizes meet: the other where one is 1. */
  Size broadcast(Size other) {
    if (same(other) || other.is(1)) {
      return this;
    }
    if (is(1)) {
      return other;
    }
    // A number that is not 1 is what the other must be, or it is 1.
    if (isNumber()) {
      return this;
    }
    if (other.isNumber()) {
      return other;
    }
    return least >= 1 && other.least >= 1
        ? max(other)
        : pair(Function.BROADCAST, "broadcast", this, other);
  }

  private static Size pair(Function function, String name, Size a, Size b) {
    if (!a.isKnown() || !b.isKnown()) {
      return UNKNOWN;
    }
    boolean ordered = a.text.compareTo(b.text) <= 0 && !a.isNumber() || b.isNumber();
    Size first = ordered ? a : b;
    Size second = ordered ? b : a;
    return applied(function, first, second, "%s(%s, %s)".formatted(name, first.text, second.text));
  }

  /** Its names. */
  void names(Set<String> into) {
    for (Term term : terms) {
      for (Atom atom : term.atoms) {
        switch (atom) {
          case Name name -> into.add(name.text);
          case Applied(_, Size a, Size b, _) -> {
            a.names(into);
            b.names(into);
          }
        }
      }
    }
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
      for (Atom atom : term.atoms) {
        product = Math.multiplyExact(product, value(atom, sizes));
      }
      sum = Math.addExact(sum, product);
    }
    return Math.floorDiv(sum, divisor);
  }

  private static long value(Atom atom, Map<String, Long> sizes) {
    return switch (atom) {
      case Name name -> sizes.get(name.text);
      case Applied(Function f, Size first, Size second, _) -> {
        long a = first.at(sizes);
        long b = second.at(sizes);
        yield switch (f) {
          case FLOOR -> a;
          case QUOTIENT -> Math.floorDiv(a, b);
          case MAX -> Math.max(a, b);
          case MIN -> Math.min(a, b);
          case BROADCAST -> a == 1 ? b : a;
        };
      }
    };
  }

  @Override
  public String toString() {
    return text;
  }
}
