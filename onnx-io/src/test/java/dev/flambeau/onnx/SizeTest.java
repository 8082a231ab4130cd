package dev.flambeau.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class SizeTest {
  private final Size h = Size.named("h");
  private final Size w = Size.named("w");
  private final Size n = Size.open("n");

  private static void shown(String text, Size size) {
    assertEquals(text, size.toString());
  }

  @Test
  void textsAreCanonical() {
    shown("h*2+1", h.plus(1).plus(h));
    shown("h*w*6", w.times(2).times(h).times(3));
    shown("0", h.minus(h));
    shown("floor((h+1)/2)", h.minus(Size.of(1)).fraction(Size.of(2)).floor().plus(1));
    shown("floor((h+3)/4)", h.plus(1).over(Size.of(2)).plus(1).over(Size.of(2)));
    shown("h*3", h.times(w).times(12).over(w.times(4)));
    shown("h", h.plus(w).times(h).times(768).over(h.plus(w).times(768)));
    shown("floor(h/(w+1))", h.over(w.plus(1)));
    shown("h*2-1", h.times(2).minus(Size.ONE).max(Size.of(1)));
    shown("max(h-2, 0)", h.minus(Size.of(2)).max(Size.ZERO));
    shown("min(h, 5)", Size.of(5).min(h));
    shown("max(h, w)", w.broadcast(h));
    shown("broadcast(h, n)", h.broadcast(n));
    shown("7", h.broadcast(Size.of(7)));
    shown("h", h.broadcast(Size.ONE));
    shown("4", Size.of(7).minus(Size.of(3)).fraction(Size.of(-1)).times(-1));
    shown("floor((h+1)/2)", h.fraction(Size.of(2)).ceil());
    shown("h", h.max(h.min(Size.of(512))));
    shown("floor(h/2)+h", h.times(3).fraction(Size.of(2)).floor());
  }

  @Test
  void whatIsUnknownStaysSo() {
    assertFalse(Size.UNKNOWN.plus(h).isKnown());
    assertFalse(h.times(Size.UNKNOWN).floor().isKnown());
    assertFalse(Size.of(Long.MAX_VALUE).plus(1).isKnown());
    assertFalse(Size.of(Long.MIN_VALUE).times(-1).isKnown());
    assertFalse(h.over(Size.ZERO).isKnown());
    assertFalse(Size.UNKNOWN.same(Size.UNKNOWN));
    Size sum = h;
    for (int i = 0; i < 100; i++) {
      sum = sum.plus(Size.named("x" + i));
    }
    assertFalse(sum.isKnown());
    Size deep = h;
    for (int i = 0; i < 100 && deep.isKnown(); i++) {
      deep = deep.times(3).plus(w).over(Size.of(2)).max(n.times(deep));
    }
    assertFalse(deep.isKnown());
  }

  /** Against the same operations on numbers; what is read back from the text is the same. */
  @Test
  void valuesAndTextsAgree() {
    Random random = new Random(1);
    int known = 0;
    for (int round = 0; round < 20_000; round++) {
      Map<String, Long> sizes =
          Map.of("h", 1 + random.nextLong(9), "w", 1 + random.nextLong(9), "n", random.nextLong(9));
      Size size = h;
      long value = sizes.get("h");
      for (int i = random.nextInt(6); i >= 0; i--) {
        String name = List.of("h", "w", "n").get(random.nextInt(3));
        long number = random.nextInt(7) - 3;
        boolean open = random.nextBoolean();
        Size other = open ? List.of(h, w, n).get("hwn".indexOf(name)) : Size.of(number);
        long b = open ? sizes.get(name) : number;
        switch (random.nextInt(7)) {
          case 0 -> {
            size = size.plus(other);
            value += b;
          }
          case 1 -> {
            size = size.minus(other);
            value -= b;
          }
          case 2 -> {
            size = size.times(other);
            value *= b;
          }
          case 3 -> {
            if (b != 0) {
              size = size.over(other);
              value = Math.floorDiv(value, b);
            }
          }
          case 4 -> {
            size = size.max(other);
            value = Math.max(value, b);
          }
          case 5 -> {
            size = size.min(other);
            value = Math.min(value, b);
          }
          default -> {
            if (b != 0) {
              size = size.modulo(other);
              value = Math.floorMod(value, b);
            }
          }
        }
      }
      if (size.isKnown()) {
        known++;
        assertEquals(value, size.at(sizes), size + " for " + sizes);
        assertTrue(size.least() <= value && value <= size.most(), size + " for " + sizes);
        Map<String, Size> names = new HashMap<>(Map.of("h", h, "w", w, "n", n));
        Size read = SizeParser.parse(size.toString(), x -> Optional.ofNullable(names.get(x)));
        assertTrue(read.same(size), size + " was read as " + read);
      }
    }
    assertTrue(known > 15_000, "" + known);
  }

  @Test
  void broadcastIsWhereTheSizesMeet() {
    for (long a : new long[] {0, 1, 5}) {
      for (long b : a == 1 ? new long[] {0, 1, 5} : new long[] {1, a}) {
        long expected = a == 1 ? b : a;
        Size both = n.broadcast(Size.open("m"));
        assertEquals(expected, both.at(Map.of("n", a, "m", b)));
      }
    }
  }

  @Test
  void otherProgramsTexts() {
    Map<String, Size> names = Map.of("past", Size.named("past"), "seq", Size.named("seq"), "h", h);
    Function<String, Size> read =
        text -> SizeParser.parse(text, x -> Optional.ofNullable(names.get(x)));
    shown("past+seq", read.apply("past + seq"));
    shown("h*2", read.apply("2*h"));
    shown("floor((h+1)/2)", read.apply("floor(h/2 - 1/2) + 1"));
    shown("floor(h/(seq+1))", read.apply("floor(h / (1 + seq))"));
    for (String bad :
        List.of("", "h+", "h h", "(h", "floor(h", "x", "h/2", "max(h)", "h/seq", "*")) {
      assertFalse(read.apply(bad).isKnown(), bad);
    }
    assertFalse(read.apply("(".repeat(300)).isKnown());
    TreeSet<String> found = new TreeSet<>();
    read.apply("max(past, h)*seq").names(found);
    assertEquals("[h, past, seq]", found.toString());
  }
}
