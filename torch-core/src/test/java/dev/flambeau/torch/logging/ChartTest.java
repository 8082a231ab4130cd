package dev.flambeau.torch.logging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.torch.TorchException;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;

class ChartTest {
  @TempDir Path folder;

  private static Chart chart() {
    return new Chart("loss & <more>", "epoch", "cross entropy")
        .add("training", new double[] {1, 2, 3, 4}, new double[] {2.3, 1.1, 0.7, 0.55})
        .add("validation", new double[] {1, 2, 3, 4}, new double[] {2.0, Double.NaN, 0.9, 0.8});
  }

  private static Document parse(String xml) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new ByteArrayInputStream(xml.getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void curvesLieWhereTheirNumbersAre() throws Exception {
    Document svg = parse(chart().toSvg());
    NodeList lines = svg.getElementsByTagName("polyline");
    String curve = null;
    for (int i = 0; i < lines.getLength(); i++) {
      String points = lines.item(i).getAttributes().getNamedItem("points").getNodeValue();
      curve = points.split(" ").length == 4 ? points : curve;
    }
    // x from 1 to 4 over 72..620; y from 0.5 to 2.5 in steps of 0.5 over 286..40.
    StringBuilder expected = new StringBuilder();
    double[] ys = {2.3, 1.1, 0.7, 0.55};
    for (int i = 0; i < 4; i++) {
      double y = 286 - (ys[i] - 0.5) / 2 * 246;
      expected.append(String.format(Locale.ROOT, "%.1f,%.1f ", 72 + 548 / 3.0 * i, y));
    }
    assertEquals(expected.toString().strip(), curve);
    assertEquals(7, svg.getElementsByTagName("circle").getLength(), "no dot for NaN");
    assertTrue(svg.getDocumentElement().getTextContent().contains("loss & <more>"));
  }

  @Test
  void picturesShowTheCurves() throws IOException {
    Path file = folder.resolve("chart.png");
    chart().savePng(file);
    BufferedImage picture = ImageIO.read(file.toFile());
    assertEquals(1280, picture.getWidth());
    assertEquals(720, picture.getHeight());
    // The training curve at epoch 4: x = 620, y = 286 - 0.025 * 246, two pixels a unit.
    int color = picture.getRGB(2 * 620 - 1, (int) (2 * (286 - 0.025 * 246))) & 0xffffff;
    assertEquals(0x2f6db3, color, Integer.toHexString(color));
    assertEquals(0xffffff, picture.getRGB(1200, 100) & 0xffffff);
  }

  @Test
  void marksAreRoundNumbers() {
    assertEquals(
        List.of("0.4", "0.6", "0.8", "1.0"), texts(Axis.around(0.41, 0.97, 5, false).rounded()));
    assertEquals(List.of("1", "2", "3"), texts(Axis.around(1, 3, 10, true)));
    assertEquals(List.of("0", "1", "2"), texts(Axis.around(1, 1, 10, true)));
    assertEquals(
        List.of("0.0e+00", "5.0e+06", "1.0e+07"), texts(Axis.around(0, 1e7, 2, false).rounded()));
  }

  private static List<String> texts(Axis axis) {
    return axis.marks().stream().map(axis::text).toList();
  }

  @Test
  void oddDataIsDrawn() throws Exception {
    parse(new Chart("empty", "x", "y").toSvg());
    parse(new Chart("one", "x", "y").add("a", new double[] {1}, new double[] {0}).toSvg());
    double[] nan = {Double.NaN, Double.POSITIVE_INFINITY};
    String svg = new Chart("nan\u0001", "x", "y").add("a", new double[] {1, 2}, nan).toSvg();
    parse(svg);
    assertFalse(svg.contains("NaN") || svg.contains("Infinity"), svg);
    Chart full = new Chart("full", "x", "y");
    for (int i = 0; i < 8; i++) {
      full.add("" + i, new double[0], new double[0]);
    }
    assertThrows(TorchException.class, () -> full.add("9", new double[0], new double[0]));
    assertThrows(
        TorchException.class,
        () -> new Chart("x", "x", "y").add("a", new double[1], new double[2]));
  }

  @Test
  void reportsNeedNothingElse() throws Exception {
    Path file = folder.resolve("report.html");
    Map<String, Object> parameters = new LinkedHashMap<>();
    parameters.put("lr", 0.1);
    parameters.put("net", "<b>Net</b>");
    new TrainingReport("A & B")
        .chart(chart())
        .table("Hyperparameters", parameters)
        .table("Nothing", Map.of())
        .save(file);
    String html = Files.readString(file);
    assertFalse(html.contains("href") || html.contains("src="), "it refers to other files");
    // Well-formed but for the doctype, whose DTD is not to be fetched.
    Document page = parse(html.replace("<!DOCTYPE html>\n", ""));
    assertEquals(1, page.getElementsByTagName("svg").getLength());
    assertEquals(2, page.getElementsByTagName("table").getLength());
    String text = page.getDocumentElement().getTextContent();
    assertTrue(text.contains("<b>Net</b>") && text.contains("Processors"), text);
  }
}
