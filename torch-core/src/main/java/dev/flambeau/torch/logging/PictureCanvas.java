package dev.flambeau.torch.logging;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.AffineTransform;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.nio.ByteBuffer;
import java.util.List;

/** Draws into a picture in memory; needs no screen. */
final class PictureCanvas implements Canvas {
  private final BufferedImage picture;
  private final Graphics2D graphics;

  /** With {@code scale} pixels a unit. */
  PictureCanvas(int width, int height, int scale) {
    picture = new BufferedImage(width * scale, height * scale, BufferedImage.TYPE_INT_RGB);
    graphics = picture.createGraphics();
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    graphics.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    graphics.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
    graphics.scale(scale, scale);
  }

  /** What was drawn, as a PNG file; nothing can be drawn after. */
  byte[] finish() {
    graphics.dispose();
    int width = picture.getWidth();
    int height = picture.getHeight();
    ByteBuffer samples = ByteBuffer.allocate(width * height * 3);
    for (int pixel : picture.getRGB(0, 0, width, height, null, 0, width)) {
      samples.put((byte) (pixel >> 16)).put((byte) (pixel >> 8)).put((byte) pixel);
    }
    return Png.encode(samples.array(), 3, height, width);
  }

  @Override
  public void rectangle(double x, double y, double width, double height, int color) {
    graphics.setColor(new Color(color));
    graphics.fill(new Rectangle2D.Double(x, y, width, height));
  }

  @Override
  public void line(List<Point> points, int color, double width) {
    Path2D path = new Path2D.Double();
    path.moveTo(points.getFirst().x(), points.getFirst().y());
    points.forEach(p -> path.lineTo(p.x(), p.y()));
    graphics.setColor(new Color(color));
    graphics.setStroke(
        new BasicStroke((float) width, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND));
    graphics.draw(path);
  }

  @Override
  public void dot(Point center, double radius, int color) {
    graphics.setColor(new Color(color));
    graphics.fill(
        new Ellipse2D.Double(center.x() - radius, center.y() - radius, 2 * radius, 2 * radius));
  }

  @Override
  public void text(
      double x, double y, String text, double size, int color, Align align, boolean bold) {
    graphics.setColor(new Color(color));
    graphics.setFont(font(size, bold));
    double width = graphics.getFontMetrics().stringWidth(text);
    double left =
        switch (align) {
          case START -> x;
          case MIDDLE -> x - width / 2;
          case END -> x - width;
        };
    graphics.drawString(text, (float) left, (float) y);
  }

  private static Font font(double size, boolean bold) {
    return new Font(Font.SANS_SERIF, bold ? Font.BOLD : Font.PLAIN, 1).deriveFont((float) size);
  }

  @Override
  public void upright(double x, double y, String text, double size, int color) {
    AffineTransform before = graphics.getTransform();
    graphics.translate(x, y);
    graphics.rotate(-Math.PI / 2);
    text(0, 0, text, size, color, Align.MIDDLE, false);
    graphics.setTransform(before);
  }
}
