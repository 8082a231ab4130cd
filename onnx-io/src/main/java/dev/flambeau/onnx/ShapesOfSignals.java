package dev.flambeau.onnx;

import java.util.Arrays;

/** Shapes of Fourier transforms, windows and what is counted in texts. */
final class ShapesOfSignals {
  private ShapesOfSignals() {}

  static void register(ShapeRules r) {
    r.put("DFT", ShapesOfSignals::dft);
    r.put("STFT", ShapesOfSignals::stft);
    r.put("BlackmanWindow HammingWindow HannWindow", ShapesOfSignals::window);
    r.put("MelWeightMatrix", ShapesOfSignals::mel);
    r.put("TfIdfVectorizer", ShapesOfSignals::grams);
  }

  /** The axis is an attribute below operator set 20, an input from then on. */
  private static void dft(ShapeCall c) {
    Size[] sizes = c.in(0);
    c.rank(0, sizes.length);
    long given = c.opset() < 20 ? c.i("axis", 1) : c.has(2) ? c.longs(2)[0] : -2;
    int axis = c.axis(given, sizes.length);
    boolean half = c.flag("onesided", false);
    boolean back = half && c.flag("inverse", false);
    Size length = back ? sizes[axis].plus(-1).times(2) : sizes[axis];
    if (c.has(1)) {
      length = c.known(1).contents().isPresent() ? c.scalar(1) : Size.UNKNOWN;
    }
    sizes[axis] = half && !back ? length.over(Size.of(2)).plus(1) : length;
    sizes[sizes.length - 1] = Size.of(back ? 1 : 2);
    c.out(0, sizes);
  }

  private static void stft(ShapeCall c) {
    Size[] signal = c.in(0);
    c.out(0, signal[0], Size.UNKNOWN, Size.UNKNOWN, Size.of(2));
    Size step = c.scalar(1);
    Size length = c.has(3) ? c.scalar(3) : Size.product(c.in(2));
    Size bins = c.flag("onesided", true) ? length.over(Size.of(2)).plus(1) : length;
    c.out(0, signal[0], signal[1].minus(length).over(step).plus(1), bins, Size.of(2));
  }

  private static void window(ShapeCall c) {
    c.type(0, c.element("output_datatype", ElementType.FLOAT));
    c.rank(0, 1);
    c.out(0, c.scalar(0));
  }

  private static void mel(ShapeCall c) {
    c.type(0, c.element("output_datatype", ElementType.FLOAT));
    c.rank(0, 2);
    c.out(0, c.scalar(1).over(Size.of(2)).plus(1), c.scalar(0));
  }

  /** As many numbers as the largest place said, in place of the last axis. */
  private static void grams(ShapeCall c) {
    Size[] sizes = c.inAtLeast(0, 1);
    long most =
        c.attribute("ngram_indexes")
            .map(a -> a.getIntsList().stream().mapToLong(Long::longValue).max().orElse(-1))
            .orElse(-1L);
    Size[] out = Arrays.copyOf(sizes, sizes.length);
    out[sizes.length - 1] = Size.of(most).plus(1);
    c.out(0, out);
  }
}
