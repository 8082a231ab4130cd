package dev.flambeau.vision.io.jpeg2000;

import dev.flambeau.torch.TorchException;

/** How many precincts and code blocks a tile may have, so that a header alone costs little. */
final class Budget {
  private static final long MOST = 1L << 20;

  private final String name;
  private long left = MOST;

  Budget(String name) {
    this.name = name;
  }

  void take(long count) {
    left -= count;
    if (count < 0 || left < 0) {
      throw TorchException.format(
          name, "JPEG 2000: more than " + MOST + " precincts and code blocks in a tile");
    }
  }

  /** Takes the code blocks of a band. */
  void blocks(TilePart band, int precinctWidth, int precinctHeight, Coding coding) {
    int width = Math.min(coding.blockWidth, precinctWidth);
    int height = Math.min(coding.blockHeight, precinctHeight);
    take(((long) (band.width() >> width) + 2) * ((band.height() >> height) + 2));
  }
}
