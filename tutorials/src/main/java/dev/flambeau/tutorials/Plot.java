package dev.flambeau.tutorials;

import java.awt.Color;
import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.XYStyler;

/** Draws how training went. */
final class Plot {
  private static final Color[] COLORS = {new Color(0x2f6db3), new Color(0xc2571a)};

  private Plot() {}

  /** Loss on the left axis, accuracy in percent on the right one, a point an epoch. */
  static void save(List<Double> losses, List<Double> accuracies, Path png) throws IOException {
    XYChart chart =
        new XYChartBuilder()
            .width(800)
            .height(500)
            .title("A small convolutional network on Fashion-MNIST")
            .xAxisTitle("epoch")
            .build();
    List<Integer> epochs = IntStream.rangeClosed(1, losses.size()).boxed().toList();
    List<Double> percents = accuracies.stream().map(a -> 100 * a).toList();
    chart.addSeries("training loss (left)", epochs, losses);
    chart.addSeries("test accuracy (right)", epochs, percents).setYAxisGroup(1);
    chart.setYAxisGroupTitle(0, "cross entropy");
    chart.setYAxisGroupTitle(1, "accuracy, %");
    XYStyler style = chart.getStyler();
    style.setYAxisGroupPosition(1, Styler.YAxisPosition.Right);
    style.setChartBackgroundColor(Color.WHITE);
    style.setChartPadding(16).setLegendBorderColor(Color.WHITE);
    style.setLegendPosition(Styler.LegendPosition.OutsideS);
    style.setLegendLayout(Styler.LegendLayout.Horizontal);
    style.setXAxisDecimalPattern("0").setXAxisMaxLabelCount(losses.size());
    style.setYAxisTickMarkSpacingHint(60).setYAxisDecimalPattern("0.0#");
    for (int axis = 0; axis < COLORS.length; axis++) {
      style.setYAxisGroupTitleColor(axis, COLORS[axis]);
      style.setYAxisGroupTickLabelsColorMap(axis, COLORS[axis]);
    }
    style.setSeriesColors(COLORS);
    style.setYAxisMin(0, 0.0);
    style.setYAxisMin(1, Math.floor(Collections.min(percents)));
    style.setYAxisMax(1, Math.ceil(Collections.max(percents)));
    Path part = png.resolveSibling("." + png.getFileName() + ".part");
    Files.write(part, BitmapEncoder.getBitmapBytes(chart, BitmapEncoder.BitmapFormat.PNG));
    try {
      Files.move(part, png, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(part, png, StandardCopyOption.REPLACE_EXISTING);
    }
  }
}
