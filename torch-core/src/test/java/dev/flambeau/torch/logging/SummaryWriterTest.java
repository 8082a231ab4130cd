package dev.flambeau.torch.logging;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SummaryWriterTest {
  @TempDir Path folder;

  private List<Fields> written(Consumer<SummaryWriter> body) throws IOException {
    SummaryWriter writer = new SummaryWriter(folder.resolve("run"));
    try (writer) {
      body.accept(writer);
    }
    List<Fields> events = Fields.events(writer.file());
    assertEquals("brain.Event:2", events.getFirst().text(3));
    return events.subList(1, events.size());
  }

  /** The only value of the event's summary. */
  private static Fields value(Fields event) {
    return event.message(5).message(1);
  }

  @Test
  void checksumOfTheReaderIsTheKnownOne() {
    // RFC 3720, B.4: CRC-32C of "123456789" is e3069283.
    int crc = 0xe3069283;
    assertEquals(
        (crc >>> 15 | crc << 17) + 0xa282ead8,
        Fields.masked(ByteBuffer.wrap("123456789".getBytes(StandardCharsets.US_ASCII))));
  }

  @Test
  void scalars() throws IOException {
    double before = System.currentTimeMillis() / 1e3;
    List<Fields> events =
        written(
            w -> {
              w.addScalar("loss/train", 0.25, 7);
              w.addScalar("big", -3e38, 1L << 40);
              w.addScalar("nan", Double.NaN, 0);
            });
    assertEquals(3, events.size());
    assertEquals("loss/train", value(events.get(0)).text(1));
    assertEquals(0.25, value(events.get(0)).real(2));
    assertEquals(7, events.get(0).integer(2));
    assertTrue(events.get(0).real(1) >= before && events.get(0).real(1) < before + 60);
    assertEquals(1L << 40, events.get(1).integer(2));
    assertEquals((float) -3e38, value(events.get(1)).real(2));
    assertEquals(Double.NaN, value(events.get(2)).real(2));
  }

  @Test
  void imagesArePngFiles() throws IOException {
    byte[] pixels = {0, 100, (byte) 255, 1, 2, 3, 10, 20, 30, 40, 50, 60, 7, 8, 9, 70, 80, 90};
    Tensor color = Torch.tensor(pixels).reshape(3, 2, 3);
    Tensor gray = Torch.tensor(new float[] {0, 0.5f, 1, 2}).reshape(1, 2, 2);
    List<Fields> events =
        written(
            w -> {
              w.addImage("color", color, 1);
              w.addImage("gray", gray, 2);
              w.addImage("turned", color.permute(0, 2, 1), 3);
            });
    BufferedImage read = picture(events.get(0), 3);
    for (int i = 0; i < 6; i++) {
      int expected = (pixels[i] & 0xff) << 16 | (pixels[6 + i] & 0xff) << 8 | pixels[12 + i] & 0xff;
      assertEquals(expected, read.getRGB(i % 3, i / 3) & 0xffffff);
    }
    BufferedImage second = picture(events.get(1), 1);
    int[] levels = second.getRaster().getSamples(0, 0, 2, 2, 0, (int[]) null);
    assertArrayEquals(new int[] {0, 127, 255, 255}, levels);
    BufferedImage turned = picture(events.get(2), 3);
    assertEquals(read.getRGB(2, 1), turned.getRGB(1, 2));
    assertThrows(TorchException.class, () -> written(w -> w.addImage("x", Torch.ones(3, 2), 0)));
    assertThrows(TorchException.class, () -> written(w -> w.addImage("x", Torch.ones(2, 4, 4), 0)));
    assertThrows(
        TorchException.class,
        () -> written(w -> w.addImage("x", Torch.ones(1, 4, 4).to(DType.I32), 0)));
  }

  private static BufferedImage picture(Fields event, int channels) throws IOException {
    Fields image = value(event).message(4);
    byte[] png = new byte[image.bytes(4).remaining()];
    image.bytes(4).get(png);
    BufferedImage read = ImageIO.read(new ByteArrayInputStream(png));
    assertEquals(read.getHeight(), image.integer(1));
    assertEquals(read.getWidth(), image.integer(2));
    assertEquals(channels, image.integer(3));
    assertEquals(channels, read.getRaster().getNumBands());
    return read;
  }

  @Test
  void histogramsCountEveryValueInItsBucket() throws IOException {
    Torch.manualSeed(5);
    Tensor values = Torch.cat(List.of(Torch.randn(1000), Torch.zeros(3)), 0);
    values = Torch.cat(List.of(values, Torch.tensor(new float[] {Float.NaN, 1e30f, -1e30f})), 0);
    Tensor all = values;
    Fields h = value(written(w -> w.addHistogram("h", all, 4)).getFirst()).message(5);
    double[] limits = h.reals(6);
    double[] counts = h.reals(7);
    double[] numbers =
        Arrays.stream(values.to(DType.F64).toDoubleArray()).filter(Double::isFinite).toArray();
    assertEquals(limits.length, counts.length);
    for (int i = 0; i < limits.length; i++) {
      double low = i == 0 ? Double.NEGATIVE_INFINITY : limits[i - 1];
      double high = limits[i];
      long inside = Arrays.stream(numbers).filter(v -> v >= low && v < high).count();
      assertEquals(inside, counts[i], "from " + low + " to " + high);
    }
    assertEquals(numbers.length, h.real(3));
    assertEquals(numbers.length, Arrays.stream(counts).sum());
    assertEquals((float) -1e30, h.real(1));
    assertEquals((float) 1e30, h.real(2));
    assertEquals(Arrays.stream(numbers).sum(), h.real(4), 1e-6);
    assertTrue(counts[counts.length - 1] > 0, "trailing empty buckets are left out");
    assertThrows(TorchException.class, () -> written(w -> w.addHistogram("h", Torch.zeros(0), 4)));
  }

  @Test
  void texts() throws IOException {
    Fields text = value(written(w -> w.addText("note", "*gr\u00fcn*", 2)).getFirst());
    assertEquals("note/text_summary", text.text(1));
    assertEquals("text", text.message(9).message(1).text(1));
    assertEquals(7, text.message(8).integer(1));
    assertEquals(1, text.message(8).message(2).message(2).integer(1));
    assertEquals("*gr\u00fcn*", text.message(8).text(8));
  }

  @Test
  void hyperparameters() throws IOException {
    List<Fields> events =
        written(
            w -> w.addHparams(Map.of("lr", 0.1, "net", "small", "aug", true), Map.of("acc", 0.9)));
    Map<String, Fields> data = new HashMap<>();
    for (Fields e : events.subList(0, 3)) {
      Fields plugin = value(e).message(9).message(1);
      assertEquals("hparams", plugin.text(1));
      data.put(value(e).text(1), plugin.message(2));
    }
    Map<String, Fields> values = new HashMap<>();
    data.get("_hparams_/session_start_info")
        .message(3)
        .messages(1)
        .forEach(entry -> values.put(entry.text(1), entry.message(2)));
    assertEquals(0.1, values.get("lr").real(2));
    assertEquals("small", values.get("net").text(3));
    assertEquals(1, values.get("aug").integer(4));
    Fields experiment = data.get("_hparams_/experiment").message(2);
    assertEquals(3, experiment.messages(4).size());
    assertEquals("acc", experiment.message(5).message(1).text(2));
    assertEquals(1, data.get("_hparams_/session_end_info").message(4).integer(1));
    assertEquals("acc", value(events.get(3)).text(1));
    assertThrows(
        TorchException.class, () -> written(w -> w.addHparams(Map.of("x", List.of()), Map.of())));
  }

  @Test
  void goesOnInANewFileAndPurges() throws IOException {
    SummaryWriter first = new SummaryWriter(folder);
    first.addScalar("x", 1, 1);
    first.close();
    SummaryWriter second = new SummaryWriter(folder, 5);
    assertFalse(first.file().equals(second.file()));
    // Seen before it is closed.
    Fields purge = Fields.events(second.file()).get(1);
    assertEquals(5, purge.integer(2));
    assertEquals(1, purge.message(7).integer(1));
    second.addScalar("x", 2, 5);
    assertEquals(2, Fields.events(second.file()).size());
    second.flush();
    assertEquals(3, Fields.events(second.file()).size());
    second.close();
    Path blocked = Files.writeString(folder.resolve("file"), "");
    assertThrows(UncheckedIOException.class, () -> new SummaryWriter(blocked));
  }
}
