package dev.flambeau.torch.logging;

import java.util.List;

/** What charts are drawn on; y grows downwards, colors are 0xRRGGBB. */
interface Canvas {
  /** Where text lies relative to its point. */
  enum Align {
    START,
    MIDDLE,
    END
  }

  /** A point. */
  record Point(double x, double y) {}

  void rectangle(double x, double y, double width, double height, int color);

  void line(List<Point> points, int color, double width);

  void dot(Point center, double radius, int color);

  /** Text whose base line is at y. */
  void text(double x, double y, String text, double size, int color, Align align, boolean bold);

  /** Text that is read from below, around the point. */
  void upright(double x, double y, String text, double size, int color);
}
