package dev.flambeau.torch.logging;

import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.serialize.WholeFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/** Curves over a common x axis, as SVG or PNG. Points that are not finite interrupt a curve. */
public final class Chart {
  static final int WIDTH = 640;
  static final int HEIGHT = 360;

  private static final int SCALE = 2;
  private static final int LEFT = 72;
  private static final int RIGHT = 20;
  private static final int TOP = 40;
  private static final int BOTTOM = 74;
  private static final int TEXT = 0x333333;
  private static final int GRID = 0xe3e3e3;
  private static final int FRAME = 0x999999;
  private static final int DOTTED_UP_TO = 40;
  private static final int[] COLORS = {
    0x2f6db3, 0xc2571a, 0x2a8c55, 0x8a4fb0, 0xb0363f, 0x5f6b7a, 0xa98600, 0x1593a5
  };

  private record Series(String name, double[] xs, double[] ys) {}

  private final String title;
  private final String xLabel;
  private final String yLabel;
  private final List<Series> all = new ArrayList<>();

  /** An empty chart. */
  public Chart(String title, String xLabel, String yLabel) {
    this.title = title;
    this.xLabel = xLabel;
    this.yLabel = yLabel;
  }

  /**
   * Adds a curve.
   *
   * @throws TorchException if there are not as many x as y, or there are eight curves
   */
  public Chart add(String name, double[] xs, double[] ys) {
    if (xs.length != ys.length) {
      throw TorchException.argument("Chart", "ys", ys.length + " values", xs.length + " values");
    }
    if (all.size() == COLORS.length) {
      throw TorchException.argument("Chart", "curves", "one more", COLORS.length + " at most");
    }
    all.add(new Series(name, xs.clone(), ys.clone()));
    return this;
  }

  /** The chart as an SVG element. */
  public String toSvg() {
    SvgCanvas canvas = new SvgCanvas(WIDTH, HEIGHT, title);
    draw(canvas);
    return canvas.toString();
  }

  /** Writes the chart, 1280 by 720 pixels. The file appears whole or not at all. */
  public void savePng(Path file) throws IOException {
    PictureCanvas canvas = new PictureCanvas(WIDTH, HEIGHT, SCALE);
    draw(canvas);
    byte[] png = canvas.finish();
    WholeFile.write(file, out -> out.write(png));
  }

  private void draw(Canvas canvas) {
    double[] xs = finite(all.stream().map(Series::xs));
    double[] ys = finite(all.stream().map(Series::ys));
    boolean whole = DoubleStream.of(xs).allMatch(x -> x == Math.rint(x));
    Axis x = axis(xs, 10, whole);
    Axis y = axis(ys, 5, false).rounded();
    canvas.rectangle(0, 0, WIDTH, HEIGHT, 0xffffff);
    canvas.text(WIDTH / 2.0, 24, title, 15, TEXT, Canvas.Align.MIDDLE, true);
    frame(canvas, x, y);
    for (int i = 0; i < all.size(); i++) {
      curve(canvas, all.get(i), COLORS[i], x, y);
    }
    legend(canvas);
  }

  private static double[] finite(Stream<double[]> values) {
    return values.flatMapToDouble(Arrays::stream).filter(Double::isFinite).toArray();
  }

  private static Axis axis(double[] values, int marks, boolean whole) {
    double min = DoubleStream.of(values).min().orElse(0);
    double max = DoubleStream.of(values).max().orElse(1);
    return Axis.around(min, max, marks, whole);
  }

  private static Canvas.Point point(Axis x, Axis y, double atX, double atY) {
    return new Canvas.Point(
        LEFT + x.place(atX) * (WIDTH - LEFT - RIGHT),
        HEIGHT - BOTTOM - y.place(atY) * (HEIGHT - TOP - BOTTOM));
  }

  private void frame(Canvas canvas, Axis x, Axis y) {
    for (double mark : y.marks()) {
      Canvas.Point p = point(x, y, x.low(), mark);
      canvas.line(List.of(p, point(x, y, x.high(), mark)), GRID, 1);
      canvas.text(p.x() - 8, p.y() + 4, y.text(mark), 12, TEXT, Canvas.Align.END, false);
    }
    for (double mark : x.marks()) {
      Canvas.Point p = point(x, y, mark, y.low());
      canvas.line(List.of(p, new Canvas.Point(p.x(), p.y() + 5)), FRAME, 1);
      canvas.text(p.x(), p.y() + 19, x.text(mark), 12, TEXT, Canvas.Align.MIDDLE, false);
    }
    canvas.line(
        List.of(
            point(x, y, x.low(), y.high()),
            point(x, y, x.low(), y.low()),
            point(x, y, x.high(), y.low())),
        FRAME,
        1);
    double middle = LEFT + (WIDTH - LEFT - RIGHT) / 2.0;
    canvas.text(middle, HEIGHT - BOTTOM + 38, xLabel, 12, TEXT, Canvas.Align.MIDDLE, false);
    canvas.upright(18, TOP + (HEIGHT - TOP - BOTTOM) / 2.0, yLabel, 12, TEXT);
  }

  private static void curve(Canvas canvas, Series series, int color, Axis x, Axis y) {
    List<Canvas.Point> run = new ArrayList<>();
    for (int i = 0; i < series.xs.length; i++) {
      if (Double.isFinite(series.xs[i]) && Double.isFinite(series.ys[i])) {
        run.add(point(x, y, series.xs[i], series.ys[i]));
        continue;
      }
      part(canvas, run, color, series.xs.length);
      run.clear();
    }
    part(canvas, run, color, series.xs.length);
  }

  private static void part(Canvas canvas, List<Canvas.Point> run, int color, int points) {
    if (run.size() > 1) {
      canvas.line(run, color, 2);
    }
    if (points <= DOTTED_UP_TO || run.size() == 1) {
      run.forEach(p -> canvas.dot(p, 3, color));
    }
  }

  private void legend(Canvas canvas) {
    double slot = (double) (WIDTH - LEFT - RIGHT) / Math.max(all.size(), 3);
    for (int i = 0; i < all.size(); i++) {
      double at = LEFT + i * slot;
      double base = HEIGHT - 14;
      canvas.line(
          List.of(new Canvas.Point(at, base - 4), new Canvas.Point(at + 18, base - 4)),
          COLORS[i],
          3);
      canvas.text(at + 24, base, all.get(i).name, 12, TEXT, Canvas.Align.START, false);
    }
  }
}
