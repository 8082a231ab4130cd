package dev.flambeau.onnx;

import java.util.ArrayList;
import java.util.List;

/** Quotients of sizes of which the divisor has names. */
final class SizeDivision {
  private static final int MOST_STEPS = 12;

  private SizeDivision() {}

  static Size floor(Size a, Size by) {
    String divisor = by.toString();
    if (!divisor.matches("[\\w.:]+")) {
      divisor = "(" + divisor + ")";
    }
    String text = "floor(" + SizeText.bracketed(a.toString()) + "/" + divisor + ")";
    return Size.applied(SizeAtom.Function.QUOTIENT, a, by, text);
  }

  /** The quotient if there is no rest, by division of polynomials; else unknown. */
  static Size exactly(Size a, Size by) {
    Size rest = a;
    Size quotient = Size.ZERO;
    for (int i = 0; i < MOST_STEPS && rest.isKnown() && !rest.terms.isEmpty(); i++) {
      Size part = part(rest, by);
      if (!part.isInteger()) {
        return Size.UNKNOWN;
      }
      quotient = quotient.plus(part);
      rest = rest.minus(part.times(by));
    }
    return rest.is(0) ? quotient : Size.UNKNOWN;
  }

  /** The quotient of a term by the first one of the divisor. */
  private static Size part(Size rest, Size by) {
    Size.Term lead = by.terms.getFirst();
    for (Size.Term term : rest.terms) {
      List<SizeAtom> atoms = new ArrayList<>(term.atoms());
      boolean all = true;
      for (SizeAtom atom : lead.atoms()) {
        all &= atoms.remove(atom);
      }
      if (all) {
        return Size.build(List.of(Size.term(term.factor(), atoms)), rest.divisor)
            .times(by.divisor)
            .fraction(Size.of(lead.factor()));
      }
    }
    return Size.UNKNOWN;
  }
}
