package dev.flambeau.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class ReportTest {
  private final Report report =
      new Report(
          Task.RESNET18_TRAINING,
          Map.of(
              Side.LIBTORCH_CONTIGUOUS, List.of(9_000_000L, 5_000_000L, 6_000_000L),
              Side.LIBTORCH_CHANNELS_LAST, List.of(4_000_000L, 2_000_000L, 8_000_000L, 3_000_000L)),
          Map.of(
              Side.LIBTORCH_CONTIGUOUS, OptionalLong.of(1_499_000_000),
              Side.LIBTORCH_CHANNELS_LAST, OptionalLong.empty()));

  @Test
  void medianOfOddAndEvenCounts() {
    assertEquals(6, report.median(Side.LIBTORCH_CONTIGUOUS));
    assertEquals(3.5, report.median(Side.LIBTORCH_CHANNELS_LAST));
  }

  @Test
  void ratioIsToTheFasterPeer() {
    assertEquals(6 / 3.5, report.ratio(Side.LIBTORCH_CONTIGUOUS, report::median));
    assertEquals(2.5, report.ratio(Side.LIBTORCH_CONTIGUOUS, report::least));
  }

  @Test
  void tableGivesARatioForOursOnly() {
    assertTrue(
        report
            .text()
            .contains("libtorch, contiguous                     5.00       6.00       1499"));
    assertFalse(report.text().contains("/"));
  }
}
