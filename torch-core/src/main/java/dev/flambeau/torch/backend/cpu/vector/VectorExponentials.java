package dev.flambeau.torch.backend.cpu.vector;

import dev.flambeau.torch.backend.Memory;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * exp, log, tanh and the logistic function within 2 (tanh: 5) units in the last place, from
 * operations that give the same bits however the code is run. The Vector API's own exp does not:
 * interpreted it is {@code Math.exp}, compiled a library's, so that a training depended on what was
 * compiled when and could not be repeated. Polynomials fitted to the exact functions. The loops are
 * written out and their constants made before them, since what is not inlined is ten times slower.
 */
final class VectorExponentials {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();

  /** Adding it rounds to an integer, which then stands in the low bits. */
  private static final float ROUND = 0x1.8p23f;

  private static final int ROUND_BITS = Float.floatToRawIntBits(ROUND);
  private static final float LN2 = 0x1.62e43p-1f;

  /** What ln 2 has beyond {@link #LN2}. */
  private static final float LN2_REST = (float) (Math.log(2) - LN2);

  /** Begin of the interval around 1, up to 4/3, that log brings every number to. */
  private static final int TWO_THIRDS = Float.floatToRawIntBits(2 / 3f);

  private VectorExponentials() {}

  private static FloatVector constant(double value) {
    return FloatVector.broadcast(SPECIES, (float) value);
  }

  private static FloatVector at(long row, int i) {
    return FloatVector.fromMemorySegment(SPECIES, Memory.ALL, row + (long) i * Float.BYTES, ORDER);
  }

  private static void set(long row, int i, FloatVector value) {
    value.intoMemorySegment(Memory.ALL, row + (long) i * Float.BYTES, ORDER);
  }

  /** 2^n e^r with |r| up to ln 2 / 2; 2^n in two factors for results that are not normal. */
  static void exp(long in, long out, int count) {
    FloatVector scale = constant(1 / Math.log(2));
    FloatVector round = constant(ROUND);
    FloatVector ln2 = constant(-LN2);
    FloatVector ln2Rest = constant(-LN2_REST);
    FloatVector p4 = constant(0.0013951717247637336);
    FloatVector p3 = constant(0.008369598410397527);
    FloatVector p2 = constant(0.0416661872836026);
    FloatVector p1 = constant(0.16666512888401178);
    FloatVector p0 = constant(0.5000000100980184);
    FloatVector one = constant(1);
    FloatVector least = constant(-104);
    FloatVector most = constant(88.8);
    FloatVector zero = constant(0);
    FloatVector infinite = constant(Double.POSITIVE_INFINITY);
    for (int i = 0; i < count; i += LANES) {
      FloatVector x = at(in, i);
      FloatVector rounded = x.fma(scale, round);
      FloatVector n = rounded.sub(round);
      FloatVector r = n.fma(ln2Rest, n.fma(ln2, x));
      FloatVector p = p4.fma(r, p3).fma(r, p2).fma(r, p1).fma(r, p0);
      FloatVector e = p.fma(r.mul(r), r).add(one);
      IntVector power = rounded.reinterpretAsInts().sub(ROUND_BITS);
      IntVector half = power.lanewise(VectorOperators.ASHR, 1);
      IntVector other = power.sub(half);
      e = e.mul(half.add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats());
      e = e.mul(other.add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats());
      e = e.blend(zero, x.lt(least));
      e = e.blend(infinite, x.compare(VectorOperators.GT, most));
      set(out, i, e);
    }
  }

  /** n ln 2 + log(1 + f) with |f| up to 1/3. */
  static void log(long in, long out, int count) {
    FloatVector p7 = constant(-0.12891621415872095);
    FloatVector p6 = constant(0.1398448734277955);
    FloatVector p5 = constant(-0.12184273571197601);
    FloatVector p4 = constant(0.14005858808935692);
    FloatVector p3 = constant(-0.16680486690580273);
    FloatVector p2 = constant(0.20010406527884123);
    FloatVector p1 = constant(-0.24999797677881958);
    FloatVector p0 = constant(0.3333321597270304);
    FloatVector half = constant(-0.5);
    FloatVector ln2 = constant(LN2);
    FloatVector ln2Rest = constant(LN2_REST);
    FloatVector lift = constant(0x1p23);
    FloatVector infinite = constant(Double.POSITIVE_INFINITY);
    FloatVector none = constant(Double.NaN);
    for (int i = 0; i < count; i += LANES) {
      FloatVector x = at(in, i);
      VectorMask<Float> tiny = x.compare(VectorOperators.LT, Float.MIN_NORMAL);
      IntVector bits = x.blend(x.mul(lift), tiny).reinterpretAsInts().sub(TWO_THIRDS);
      FloatVector f = bits.and(0x7fffff).add(TWO_THIRDS).reinterpretAsFloats().sub(1);
      FloatVector n =
          (FloatVector) bits.lanewise(VectorOperators.ASHR, 23).convert(VectorOperators.I2F, 0);
      n = n.blend(n.sub(23), tiny);
      FloatVector p =
          p7.fma(f, p6).fma(f, p5).fma(f, p4).fma(f, p3).fma(f, p2).fma(f, p1).fma(f, p0);
      FloatVector rest = p.fma(f, half).fma(f.mul(f), n.mul(ln2Rest));
      FloatVector y = n.fma(ln2, f.add(rest));
      y = y.blend(none, x.lt(0).or(x.compare(VectorOperators.NE, x)));
      y = y.blend(infinite, x.eq(infinite));
      set(out, i, y.blend(infinite.neg(), x.eq(0)));
    }
  }

  /** x times a quotient of polynomials in x^2 up to 9, where it rounds to 1. */
  static void tanh(long in, long out, int count) {
    FloatVector p5 = constant(-1.2203731123281414e-11);
    FloatVector p4 = constant(3.0585398017463285e-08);
    FloatVector p3 = constant(2.800761931091722e-05);
    FloatVector p2 = constant(0.003868335779925709);
    FloatVector p1 = constant(0.13679921497105105);
    FloatVector q4 = constant(1.287377687506015e-06);
    FloatVector q3 = constant(0.00039386452279143586);
    FloatVector q2 = constant(0.027245868262002985);
    FloatVector q1 = constant(0.47013253558764695);
    FloatVector one = constant(1);
    FloatVector low = constant(-1);
    for (int i = 0; i < count; i += LANES) {
      FloatVector x = at(in, i);
      FloatVector t = x.mul(x);
      FloatVector p = p5.fma(t, p4).fma(t, p3).fma(t, p2).fma(t, p1).fma(t, one);
      FloatVector q = q4.fma(t, q3).fma(t, q2).fma(t, q1).fma(t, one);
      FloatVector y = x.mul(p).div(q);
      y = y.blend(one, y.compare(VectorOperators.GT, one));
      y = y.blend(low, y.lt(low));
      y = y.blend(one, x.compare(VectorOperators.GE, 9f));
      set(out, i, y.blend(low, x.compare(VectorOperators.LE, -9f)));
    }
  }

  /** 1 / (1 + e^-x). */
  static void sigmoid(long in, long out, int count) {
    FloatVector scale = constant(1 / Math.log(2));
    FloatVector round = constant(ROUND);
    FloatVector ln2 = constant(-LN2);
    FloatVector ln2Rest = constant(-LN2_REST);
    FloatVector p4 = constant(0.0013951717247637336);
    FloatVector p3 = constant(0.008369598410397527);
    FloatVector p2 = constant(0.0416661872836026);
    FloatVector p1 = constant(0.16666512888401178);
    FloatVector p0 = constant(0.5000000100980184);
    FloatVector one = constant(1);
    FloatVector least = constant(-104);
    FloatVector most = constant(88.8);
    FloatVector zero = constant(0);
    FloatVector infinite = constant(Double.POSITIVE_INFINITY);
    for (int i = 0; i < count; i += LANES) {
      FloatVector x = at(in, i).neg();
      FloatVector rounded = x.fma(scale, round);
      FloatVector n = rounded.sub(round);
      FloatVector r = n.fma(ln2Rest, n.fma(ln2, x));
      FloatVector p = p4.fma(r, p3).fma(r, p2).fma(r, p1).fma(r, p0);
      FloatVector e = p.fma(r.mul(r), r).add(one);
      IntVector power = rounded.reinterpretAsInts().sub(ROUND_BITS);
      IntVector half = power.lanewise(VectorOperators.ASHR, 1);
      IntVector other = power.sub(half);
      e = e.mul(half.add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats());
      e = e.mul(other.add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats());
      e = e.blend(zero, x.lt(least));
      e = e.blend(infinite, x.compare(VectorOperators.GT, most));
      set(out, i, one.div(e.add(one)));
    }
  }
}
