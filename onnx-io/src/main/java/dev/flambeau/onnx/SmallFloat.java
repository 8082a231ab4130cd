package dev.flambeau.onnx;

import java.util.Arrays;

/**
 * Floats of 4 and 8 bits: the value of each code, and the code of the nearest value (ties to the
 * even code). Sources: OCP 8-bit Floating Point Specification; OCP Microscaling Formats; Noune et
 * al. 2022 for the FNUZ kinds.
 */
final class SmallFloat {
  static final SmallFloat E4M3FN = new SmallFloat(4, 3, 7, Special.NAN_ONLY);
  static final SmallFloat E4M3FNUZ = new SmallFloat(4, 3, 8, Special.UNSIGNED_ZERO);
  static final SmallFloat E5M2 = new SmallFloat(5, 2, 15, Special.IEEE);
  static final SmallFloat E5M2FNUZ = new SmallFloat(5, 2, 16, Special.UNSIGNED_ZERO);
  static final SmallFloat E2M1 = new SmallFloat(2, 1, 1, Special.NONE);

  /** What codes are no ordinary numbers. */
  private enum Special {
    /** Infinities and NaNs as in IEEE 754. */
    IEEE,
    /** The codes with all bits but the sign set are NaN. */
    NAN_ONLY,
    /** The code of minus zero is NaN. */
    UNSIGNED_ZERO,
    NONE
  }

  private final Special special;
  private final int sign;
  private final float[] magnitudes;

  private SmallFloat(int exponentBits, int mantissaBits, int bias, Special special) {
    this.special = special;
    this.sign = 1 << (exponentBits + mantissaBits);
    int finite =
        switch (special) {
          case IEEE -> sign - (1 << mantissaBits);
          case NAN_ONLY -> sign - 1;
          case UNSIGNED_ZERO, NONE -> sign;
        };
    magnitudes = new float[finite];
    for (int code = 0; code < finite; code++) {
      int exponent = code >> mantissaBits;
      double fraction = (code & (1 << mantissaBits) - 1) / (double) (1 << mantissaBits);
      magnitudes[code] =
          (float)
              (exponent == 0
                  ? Math.scalb(fraction, 1 - bias)
                  : Math.scalb(1 + fraction, exponent - bias));
    }
  }

  /** The floats of an element type; E8M0, which has no sign, is not among them. */
  static SmallFloat of(ElementType type) {
    return switch (type) {
      case FLOAT8E4M3FN -> E4M3FN;
      case FLOAT8E4M3FNUZ -> E4M3FNUZ;
      case FLOAT8E5M2 -> E5M2;
      case FLOAT8E5M2FNUZ -> E5M2FNUZ;
      case FLOAT4E2M1 -> E2M1;
      default -> throw new IllegalArgumentException("" + type);
    };
  }

  float decode(int code) {
    if (special == Special.UNSIGNED_ZERO && code == sign) {
      return Float.NaN;
    }
    int low = code & sign - 1;
    boolean negative = (code & sign) != 0;
    if (low >= magnitudes.length) {
      boolean infinite = special == Special.IEEE && low == magnitudes.length;
      return !infinite ? Float.NaN : negative ? Float.NEGATIVE_INFINITY : Float.POSITIVE_INFINITY;
    }
    return negative ? -magnitudes[low] : magnitudes[low];
  }

  /**
   * The code of the nearest value.
   *
   * @param saturate what is too large becomes the largest value, else infinity or NaN
   */
  int encode(float value, boolean saturate) {
    if (Float.isNaN(value)) {
      return nan();
    }
    int negative = Float.floatToRawIntBits(value) < 0 ? sign : 0;
    int code = nearest(Math.abs(value));
    if (code == magnitudes.length) {
      if (saturate || special == Special.NONE) {
        code--;
      } else {
        return special == Special.IEEE ? negative | code : nan(negative);
      }
    }
    return code == 0 && special == Special.UNSIGNED_ZERO ? 0 : negative | code;
  }

  private int nan(int negative) {
    return special == Special.UNSIGNED_ZERO ? sign : negative | sign - 1;
  }

  private int nan() {
    return switch (special) {
      case IEEE, NAN_ONLY -> sign - 1;
      case UNSIGNED_ZERO, NONE -> sign;
    };
  }

  /** One more than the last code where the value lies beyond what rounds to the largest. */
  private int nearest(float magnitude) {
    int at = Arrays.binarySearch(magnitudes, magnitude);
    if (at >= 0) {
      return at;
    }
    int above = -at - 1;
    float below = magnitudes[above - 1];
    boolean last = above == magnitudes.length;
    // The step beyond the largest value is as wide as the one before it.
    double next = last ? 2.0 * below - magnitudes[above - 2] : magnitudes[above];
    double middle = (below + next) / 2;
    boolean up = magnitude > middle || magnitude == middle && (above & 1) == 0;
    return up ? above : above - 1;
  }

  /** The power of two of an E8M0 code; 255 is NaN. */
  static float power(int code) {
    return code == 255 ? Float.NaN : (float) Math.scalb(1.0, code - 127);
  }

  /** The E8M0 code of a value's magnitude, rounded {@code up}, {@code down} or {@code nearest}. */
  static int powerCode(float value, String rounding, boolean saturate) {
    float x = Math.abs(value);
    if (Float.isNaN(x)) {
      return 255;
    }
    if (x == 0) {
      return 0;
    }
    if (Float.isInfinite(x)) {
      return saturate ? 254 : 255;
    }
    int exponent = x < Float.MIN_NORMAL ? -127 : Math.getExponent(x);
    double share = x / Math.scalb(1.0, exponent);
    boolean up =
        switch (rounding) {
          case "up" -> share > 1;
          case "down" -> false;
          default -> exponent == -127 ? share > 1 : share >= 1.5;
        };
    int code = exponent + 127 + (up ? 1 : 0);
    return code > 254 ? saturate ? 254 : 255 : code;
  }
}
