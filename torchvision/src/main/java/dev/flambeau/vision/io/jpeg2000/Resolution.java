package dev.flambeau.vision.io.jpeg2000;

import java.util.ArrayList;
import java.util.List;

/** A resolution of a component of a tile: its bands, and its precincts, in which packets come. */
final class Resolution {
  /** A subband; orientation 0 LL, 1 HL, 2 LH, 3 HH. */
  record Band(TilePart area, int orientation, int number) {}

  /**
   * A precinct's part of a band: its code blocks, row by row, and what is told of them in trees.
   */
  static final class Part {
    final int columns;
    final int rows;
    final Block[] blocks;
    final TagTree inclusion;
    final TagTree zeroPlanes;

    private Part(Band band, TilePart area, int width, int height) {
      int left = area.x0() >> width;
      int top = area.y0() >> height;
      columns = area.isEmpty() ? 0 : (area.x1() - 1 >> width) - left + 1;
      rows = area.isEmpty() ? 0 : (area.y1() - 1 >> height) - top + 1;
      blocks = new Block[columns * rows];
      for (int i = 0; i < blocks.length; i++) {
        long x = (long) (left + i % columns) << width;
        long y = (long) (top + i / columns) << height;
        TilePart block = area.meet(x, y, x + (1L << width), y + (1L << height));
        blocks[i] =
            new Block(
                block.x0() - band.area.x0(),
                block.y0() - band.area.y0(),
                block.width(),
                block.height());
      }
      inclusion = new TagTree(columns, rows);
      zeroPlanes = new TagTree(columns, rows);
    }
  }

  /** A precinct; its parts are made when the first packet comes that has something for it. */
  final class Precinct {
    final int component;
    final int resolution;

    /** Where it starts in the image. */
    final long x;

    final long y;
    private final long column;
    private final long row;
    private List<Part> parts;

    /** How many layers there were of it. */
    int layers;

    private Precinct(int component, int resolution, long x, long y, long column, long row) {
      this.component = component;
      this.resolution = resolution;
      this.x = x;
      this.y = y;
      this.column = column;
      this.row = row;
    }

    List<Part> parts() {
      if (parts == null) {
        parts = new ArrayList<>();
        for (Band band : bands) {
          long left = column << bandWidth;
          long top = row << bandHeight;
          TilePart own =
              band.area.meet(left, top, left + (1L << bandWidth), top + (1L << bandHeight));
          parts.add(
              new Part(
                  band,
                  own,
                  Math.min(coding.blockWidth, bandWidth),
                  Math.min(coding.blockHeight, bandHeight)));
        }
      }
      return parts;
    }

    Band band(int part) {
      return bands.get(part);
    }

    boolean isUsed() {
      return parts != null;
    }
  }

  final TilePart area;
  final List<Band> bands = new ArrayList<>();
  final List<Precinct> precincts = new ArrayList<>();
  final Coding coding;
  private final int bandWidth;
  private final int bandHeight;

  /**
   * @param part of the image, the tile
   * @param component its number, and how densely it is sampled
   * @param budget how many precincts and code blocks there may still be in the tile
   */
  Resolution(
      TilePart part,
      int component,
      Codestream.Component sampling,
      Coding coding,
      int r,
      Budget budget) {
    this.coding = coding;
    int level = coding.levels - r;
    TilePart samples = part.every(sampling.dx(), sampling.dy());
    area = samples.band(level, false, false);
    if (r == 0) {
      bands.add(new Band(area, 0, 0));
    } else {
      for (int k = 1; k < 4; k++) {
        TilePart band = samples.band(level + 1, (k & 1) != 0, (k & 2) != 0);
        bands.add(new Band(band, k, 3 * (r - 1) + k));
      }
    }
    int width = coding.precinctWidth(r);
    int height = coding.precinctHeight(r);
    bandWidth = r == 0 ? width : width - 1;
    bandHeight = r == 0 ? height : height - 1;
    bands.forEach(band -> budget.blocks(band.area, bandWidth, bandHeight, coding));
    if (area.isEmpty()) {
      return;
    }
    long firstColumn = area.x0() >> width;
    long firstRow = area.y0() >> height;
    long columns = (area.x1() - 1 >> width) - firstColumn + 1;
    long rows = (area.y1() - 1 >> height) - firstRow + 1;
    budget.take(columns * rows);
    for (long i = 0; i < columns * rows; i++) {
      long column = firstColumn + i % columns;
      long row = firstRow + i / columns;
      long x = Math.max(part.x0(), (column << width + level) * sampling.dx());
      long y = Math.max(part.y0(), (row << height + level) * sampling.dy());
      precincts.add(new Precinct(component, r, x, y, column, row));
    }
  }
}
