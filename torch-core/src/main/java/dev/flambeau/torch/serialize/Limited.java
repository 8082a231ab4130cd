package dev.flambeau.torch.serialize;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** The first bytes of a stream. */
final class Limited extends FilterInputStream {
  private long left;

  Limited(InputStream in, long bytes) {
    super(in);
    this.left = bytes;
  }

  @Override
  public int read() throws IOException {
    return left > 0 && left-- > 0 ? in.read() : -1;
  }

  @Override
  public int read(byte[] into, int from, int count) throws IOException {
    if (left <= 0) {
      return -1;
    }
    int got = in.read(into, from, (int) Math.min(count, left));
    left -= Math.max(got, 0);
    return got;
  }

  /** The stream below stays open. */
  @Override
  public void close() {}
}
