package dev.flambeau.zoo;

import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import javax.imageio.ImageIO;

/**
 * Writes pictures with the best prediction on a strip below them, so that nothing of the picture is
 * covered.
 */
final class Annotator {
  private static final Color GROUND = new Color(0x20, 0x24, 0x2b);
  private static final Color TEXT = new Color(0xf5, 0xf5, 0xf5);
  private static final Color TRACK = new Color(0x45, 0x4b, 0x56);
  private static final Color BAR = new Color(0x4f, 0xb3, 0xbf);
  private static final int SMALLEST_STRIP = 44;
  private static final int SMALLEST_WIDTH = 200;

  private final Path folder;
  private final Set<String> used = new HashSet<>();

  Annotator(Path folder) {
    this.folder = folder;
  }

  /**
   * Writes {@code NAME-annotated.png} into the folder; pictures of one name get numbers.
   *
   * @return the file written
   */
  Path write(String name, BufferedImage picture, Prediction best) {
    try {
      Files.createDirectories(folder);
      Path file = folder.resolve(unused(name));
      Path part = file.resolveSibling(file.getFileName() + ".part");
      try (OutputStream out = Files.newOutputStream(part)) {
        if (!ImageIO.write(draw(picture, best), "png", out)) {
          throw new IOException("no PNG writer in this Java runtime");
        }
      }
      return AtomicFiles.move(part, file);
    } catch (IOException e) {
      throw new UserError(
          "cannot write to folder " + folder + ": " + Fetcher.reason(e) + "; check --annotate", e);
    }
  }

  /** Never the name of a source: the folder may be theirs. */
  private String unused(String name) {
    String last = name.substring(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
    String safe = last.replaceFirst("[?#].*", "").replaceAll("[^\\p{L}\\p{N}._-]", "_");
    int dot = safe.lastIndexOf('.');
    String stem = (dot > 0 ? safe.substring(0, dot) : safe) + "-annotated";
    String file = stem + ".png";
    for (int i = 2; !used.add(file); i++) {
      file = stem + "-" + i + ".png";
    }
    return file;
  }

  static BufferedImage draw(BufferedImage picture, Prediction best) {
    int width = Math.max(picture.getWidth(), SMALLEST_WIDTH);
    int strip = Math.max(SMALLEST_STRIP, Math.min(width, picture.getHeight()) / 9);
    int height = picture.getHeight() + strip;
    BufferedImage out = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = out.createGraphics();
    try {
      g.setColor(GROUND);
      g.fillRect(0, 0, width, height);
      g.drawImage(picture, (width - picture.getWidth()) / 2, 0, null);
      g.setRenderingHint(
          RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
      g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
      strip(g, best, picture.getHeight(), width, strip);
      return out;
    } catch (InternalError | NullPointerException e) {
      // The JDK fails in these ways where it finds no font configuration.
      throw new UserError("no fonts on this machine; install fontconfig and a font", e);
    } finally {
      g.dispose();
    }
  }

  private static void strip(Graphics2D g, Prediction best, int top, int width, int strip) {
    int margin = strip / 5;
    g.setFont(new Font(Font.SANS_SERIF, Font.BOLD, Math.round(strip * 0.4f)));
    FontMetrics metrics = g.getFontMetrics();
    String share = String.format(Locale.ROOT, "%.1f%%", 100 * best.probability());
    int right = width - margin - metrics.stringWidth(share);
    int base = top + margin / 2 + metrics.getAscent();
    g.setColor(TEXT);
    g.drawString(fitted(best.label(), metrics, right - 2 * margin), margin, base);
    g.drawString(share, right, base);
    int thick = Math.max(5, strip / 7);
    int y = top + strip - margin / 2 - thick;
    int full = width - 2 * margin;
    g.setColor(TRACK);
    g.fillRoundRect(margin, y, full, thick, thick, thick);
    g.setColor(BAR);
    int length = (int) Math.round(full * Math.clamp(best.probability(), 0, 1));
    g.fillRoundRect(margin, y, Math.max(thick, length), thick, thick, thick);
  }

  private static String fitted(String label, FontMetrics metrics, int width) {
    if (metrics.stringWidth(label) <= width) {
      return label;
    }
    String cut = label;
    while (!cut.isEmpty() && metrics.stringWidth(cut + "\u2026") > width) {
      cut = cut.substring(0, cut.length() - 1);
    }
    return cut + "\u2026";
  }
}
