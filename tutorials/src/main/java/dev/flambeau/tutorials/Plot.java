package dev.flambeau.tutorials;

import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.IntStream;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler;

/** Draws how training went. */
final class Plot {
  private Plot() {}

  /** Loss on the left axis, accuracy in percent on the right one, a point an epoch. */
  static void save(List<Double> losses, List<Double> accuracies, Path png) throws IOException {
    XYChart chart =
        new XYChartBuilder()
            .width(800)
            .height(500)
            .title("Fashion-MNIST")
            .xAxisTitle("epoch")
            .build();
    List<Integer> epochs = IntStream.rangeClosed(1, losses.size()).boxed().toList();
    chart.addSeries("training loss", epochs, losses);
    chart
        .addSeries("test accuracy", epochs, accuracies.stream().map(a -> 100 * a).toList())
        .setYAxisGroup(1);
    chart.setYAxisGroupTitle(0, "loss");
    chart.setYAxisGroupTitle(1, "accuracy, %");
    chart.getStyler().setYAxisGroupPosition(1, Styler.YAxisPosition.Right);
    chart.getStyler().setLegendPosition(Styler.LegendPosition.InsideN);
    chart.getStyler().setXAxisDecimalPattern("0").setXAxisMaxLabelCount(losses.size() + 1);
    Path part = png.resolveSibling("." + png.getFileName() + ".part");
    Files.write(part, BitmapEncoder.getBitmapBytes(chart, BitmapEncoder.BitmapFormat.PNG));
    try {
      Files.move(part, png, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(part, png, StandardCopyOption.REPLACE_EXISTING);
    }
  }
}
