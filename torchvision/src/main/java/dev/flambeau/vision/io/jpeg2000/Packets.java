package dev.flambeau.vision.io.jpeg2000;

import dev.flambeau.torch.TorchException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Reads the packets of a tile in their order (annex B.10 and B.12). */
final class Packets {
  private static final int START = 0xff91;
  private static final int END = 0xff92;

  private final String name;
  private final Codestream.Style style;
  private final List<List<Resolution>> resolutions;
  private final PacketBits bits;

  Packets(String name, Codestream.Style style, List<List<Resolution>> resolutions, byte[] packets) {
    this.name = name;
    this.style = style;
    this.resolutions = resolutions;
    this.bits = new PacketBits(name, packets);
  }

  void read() {
    List<Codestream.Order> orders = style.orders;
    if (orders.isEmpty()) {
      orders =
          List.of(
              new Codestream.Order(
                  style.progression,
                  0,
                  Coding.MOST_LEVELS + 1,
                  0,
                  resolutions.size(),
                  style.layers));
    }
    for (Codestream.Order order : orders) {
      read(order);
    }
  }

  private void read(Codestream.Order order) {
    int layers = Math.min(order.layers(), style.layers);
    List<Resolution.Precinct> all = precincts(order);
    Comparator<Resolution.Precinct> byResolution = Comparator.comparingInt(p -> p.resolution);
    Comparator<Resolution.Precinct> byPlace =
        Comparator.<Resolution.Precinct>comparingLong(p -> p.y).thenComparingLong(p -> p.x);
    Comparator<Resolution.Precinct> byComponent = Comparator.comparingInt(p -> p.component);
    switch (order.progression()) {
      case 0 -> {
        all.sort(byResolution.thenComparing(byComponent));
        for (int layer = 0; layer < layers && !bits.isAtEnd(); layer++) {
          for (Resolution.Precinct precinct : all) {
            packet(precinct, layer);
          }
        }
      }
      case 1 -> {
        all.sort(byResolution.thenComparing(byComponent));
        byResolutions(all, layers);
      }
      case 2 ->
          inOrder(all, layers, byResolution.thenComparing(byPlace).thenComparing(byComponent));
      case 3 ->
          inOrder(all, layers, byPlace.thenComparing(byComponent).thenComparing(byResolution));
      case 4 ->
          inOrder(all, layers, byComponent.thenComparing(byPlace).thenComparing(byResolution));
      default ->
          throw TorchException.format(
              name, "JPEG 2000: progression order " + order.progression() + "; allowed: 0 to 4");
    }
  }

  private List<Resolution.Precinct> precincts(Codestream.Order order) {
    List<Resolution.Precinct> all = new ArrayList<>();
    int last = Math.min(order.lastComponent(), resolutions.size());
    for (int c = order.firstComponent(); c < last; c++) {
      List<Resolution> own = resolutions.get(c);
      int end = Math.min(order.lastResolution(), own.size());
      for (int r = order.firstResolution(); r < end; r++) {
        all.addAll(own.get(r).precincts);
      }
    }
    return all;
  }

  /** All layers of one resolution before the next. */
  private void byResolutions(List<Resolution.Precinct> all, int layers) {
    for (int from = 0; from < all.size(); ) {
      int to = from;
      while (to < all.size() && all.get(to).resolution == all.get(from).resolution) {
        to++;
      }
      for (int layer = 0; layer < layers && !bits.isAtEnd(); layer++) {
        for (Resolution.Precinct precinct : all.subList(from, to)) {
          packet(precinct, layer);
        }
      }
      from = to;
    }
  }

  private void inOrder(
      List<Resolution.Precinct> all, int layers, Comparator<Resolution.Precinct> order) {
    all.sort(order);
    for (Resolution.Precinct precinct : all) {
      for (int layer = 0; layer < layers; layer++) {
        packet(precinct, layer);
      }
    }
  }

  /** What a packet has of a code block. */
  private record Share(Block block, int style, int passes, int bytes) {}

  /** Skips packets that were there in an earlier order, and those missing at the end. */
  private void packet(Resolution.Precinct precinct, int layer) {
    if (layer != precinct.layers || bits.isAtEnd()) {
      return;
    }
    precinct.layers++;
    bits.skip(START, 6);
    List<Share> shares = new ArrayList<>();
    if (bits.bit() != 0) {
      for (Resolution.Part part : precinct.parts()) {
        header(part, layer, codingStyle(precinct), shares);
      }
    }
    bits.align();
    bits.skip(END, 2);
    for (Share share : shares) {
      share.block.add(share.passes, bits.bytes(share.bytes), share.style);
    }
  }

  private int codingStyle(Resolution.Precinct precinct) {
    return resolutions.get(precinct.component).get(precinct.resolution).coding.style;
  }

  private void header(Resolution.Part part, int layer, int codingStyle, List<Share> shares) {
    for (int i = 0; i < part.blocks.length; i++) {
      Block block = part.blocks[i];
      int x = i % part.columns;
      int y = i / part.columns;
      boolean more =
          block.included ? bits.bit() != 0 : part.inclusion.isLess(bits, x, y, layer + 1);
      if (!more) {
        continue;
      }
      if (!block.included) {
        block.included = true;
        while (!part.zeroPlanes.isLess(bits, x, y, block.zeroPlanes + 1)) {
          block.zeroPlanes++;
          if (block.zeroPlanes > 64) {
            throw TorchException.format(name, "JPEG 2000: more than 64 empty bit planes");
          }
        }
      }
      int passes = passes();
      while (bits.bit() != 0) {
        block.lengthBits++;
      }
      lengths(block, passes, codingStyle, shares);
    }
  }

  /** Table B.4. */
  private int passes() {
    if (bits.bit() == 0) {
      return 1;
    }
    if (bits.bit() == 0) {
      return 2;
    }
    int two = bits.bits(2);
    if (two < 3) {
      return 3 + two;
    }
    int five = bits.bits(5);
    return five < 31 ? 6 + five : 37 + bits.bits(7);
  }

  private void lengths(Block block, int passes, int codingStyle, List<Share> shares) {
    int done = 0;
    while (done < passes) {
      int count = Math.min(passes - done, block.room(codingStyle, done));
      int width = block.lengthBits + 31 - Integer.numberOfLeadingZeros(count);
      if (width > 31) {
        throw TorchException.format(name, "JPEG 2000: a code block of impossible length");
      }
      shares.add(new Share(block, codingStyle, count, bits.bits(width)));
      done += count;
    }
  }
}
