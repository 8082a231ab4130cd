package dev.flambeau.vision.io.jpeg2000;

import dev.flambeau.torch.TorchException;
import java.util.Arrays;

/** The packets of a tile: bytes, and bits of their headers, where a byte after 0xff has seven. */
final class PacketBits {
  private final String name;
  private final byte[] data;
  private int at;
  private int current;
  private int left;

  PacketBits(String name, byte[] data) {
    this.name = name;
    this.data = data;
  }

  boolean isAtEnd() {
    return at >= data.length;
  }

  private int octet() {
    if (at >= data.length) {
      throw TorchException.format(name, "the JPEG 2000 file is incomplete or cut off");
    }
    return data[at++] & 0xff;
  }

  int bit() {
    if (left == 0) {
      left = current == 0xff ? 7 : 8;
      current = octet();
    }
    left--;
    return current >> left & 1;
  }

  int bits(int count) {
    int value = 0;
    for (int i = 0; i < count; i++) {
      value = value << 1 | bit();
    }
    return value;
  }

  /** Ends a header: the rest of its last byte is padding, with a byte more after 0xff. */
  void align() {
    if (current == 0xff) {
      octet();
    }
    left = 0;
    current = 0;
  }

  /** Passes over a marker and what follows it, if it stands here. */
  void skip(int marker, int length) {
    if (at + 1 < data.length
        && (data[at] & 0xff) == marker >> 8
        && (data[at + 1] & 0xff) == (marker & 0xff)) {
      at += Math.min(length, data.length - at);
    }
  }

  byte[] bytes(int count) {
    if (count < 0 || count > data.length - at) {
      throw TorchException.format(name, "the JPEG 2000 file is incomplete or cut off");
    }
    at += count;
    return Arrays.copyOfRange(data, at - count, at);
  }
}
