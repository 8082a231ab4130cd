package dev.flambeau.torch.backend.cpu;

import dev.flambeau.torch.DType;

/**
 * What a resampling computes: pictures of rows of columns of {@code inner} neighbours, cut into
 * tiles of some columns or of a part of one.
 *
 * @param height rows of a picture that is read
 * @param width columns of a row that is read
 * @param single whether elements are read one by one, not as runs of neighbours
 * @param joint whether a row's weights are multiplied by the columns' before they are used
 */
record ResampleGrid(
    DType type,
    TapList rows,
    TapList columns,
    long pictures,
    long height,
    long width,
    long inner,
    boolean single,
    boolean joint) {
  /** Elements of a tile: a few rows of it fit into a first-level cache. */
  private static final int TILE = 2048;

  /** Elements that are held. */
  private static final int HELD = 1 << 16;

  /** Some columns, and some neighbours of each of them. */
  record Tile(int column, int columns, long neighbour, int neighbours) {
    int count() {
      return columns * neighbours;
    }
  }

  /** Elements of a tile at most. */
  int tile() {
    return Math.clamp(HELD / Math.max(columns.most(), 1), 1, TILE);
  }

  private long columnsOfTile() {
    return Math.max(Math.min(tile() / inner, columns.length()), 1);
  }

  private long neighboursOfTile() {
    return Math.min(tile(), inner);
  }

  private long parts() {
    return Math.ceilDiv(inner, neighboursOfTile());
  }

  Tile tile(long index) {
    long column = index / parts() * columnsOfTile();
    long neighbour = index % parts() * neighboursOfTile();
    return new Tile(
        (int) column,
        (int) Math.min(columnsOfTile(), columns.length() - column),
        neighbour,
        (int) Math.min(neighboursOfTile(), inner - neighbour));
  }

  /** Rows of tiles. */
  long count() {
    long tiles = Math.ceilDiv(columns.length(), columnsOfTile()) * parts();
    return tiles * pictures * rows.length();
  }

  /** Element operations of a row of a tile. */
  long cost() {
    return (rows.most() + 4L * columns.most()) * columnsOfTile() * neighboursOfTile();
  }

  /** Rows that are held for those that are made of the same. */
  int held() {
    long row = (long) tile() * (joint ? columns.most() : 1);
    return Math.clamp(HELD / row, 1, Math.max(rows.most(), 1));
  }
}
