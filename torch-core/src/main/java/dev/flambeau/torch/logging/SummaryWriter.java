package dev.flambeau.torch.logging;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Writes what TensorBoard shows, into a new event file in a folder. Readers see it with the first
 * event two seconds later or more, at once after {@link #flush}. Safe to share by threads. Methods
 * throw {@link UncheckedIOException} if the file cannot be written. PyTorch: {@code
 * torch.utils.tensorboard.SummaryWriter}.
 */
public final class SummaryWriter implements AutoCloseable {
  private static final AtomicLong FILES = new AtomicLong();
  private static final long FLUSH_NANOS = 2_000_000_000L;
  private static final int DT_STRING = 7;
  private static final int SESSION_START = 1;

  private final Path file;
  private final EventFile events;
  private long flushed = System.nanoTime();

  /** A new file in {@code folder}, which is made if needed. */
  public SummaryWriter(Path folder) {
    this(folder, OptionalLong.empty());
  }

  /**
   * The same, for a training that goes on.
   *
   * @param purgeStep what earlier files say of this step and later ones is not shown
   */
  public SummaryWriter(Path folder, long purgeStep) {
    this(folder, OptionalLong.of(purgeStep));
  }

  private SummaryWriter(Path folder, OptionalLong purgeStep) {
    try {
      Files.createDirectories(folder);
      file =
          folder.resolve(
              "events.out.tfevents.%010d.%s.%d.%d"
                  .formatted(
                      System.currentTimeMillis() / 1000,
                      host(),
                      ProcessHandle.current().pid(),
                      FILES.getAndIncrement()));
      events = new EventFile(file);
    } catch (IOException e) {
      throw new UncheckedIOException("no event file can be written in " + folder, e);
    }
    write(new Message().real(1, now()).text(3, "brain.Event:2"));
    purgeStep.ifPresent(
        step ->
            write(
                new Message()
                    .real(1, now())
                    .integer(2, step)
                    .message(7, new Message().integer(1, SESSION_START))));
    flush();
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName().replaceAll("[^A-Za-z0-9_-]", "_");
    } catch (UnknownHostException e) {
      return "localhost";
    }
  }

  private static double now() {
    return System.currentTimeMillis() / 1e3;
  }

  /** Where the events go. */
  public Path file() {
    return file;
  }

  /** A point of the curve {@code tag}; slashes in tags group curves. */
  public void addScalar(String tag, double value, long step) {
    summary(step, new Message().text(1, tag).real(2, (float) value));
  }

  /** A picture (C, H, W) with 1, 3 or 4 channels: U8, or floats in 0..1. */
  public void addImage(String tag, Tensor image, long step) {
    byte[] png = Png.encode(image);
    Message picture =
        new Message()
            .integer(1, image.size(1))
            .integer(2, image.size(2))
            .integer(3, image.size(0))
            .bytes(4, png);
    summary(step, new Message().text(1, tag).message(4, picture));
  }

  /** How a tensor's values are distributed; those that are not finite are left out. */
  public void addHistogram(String tag, Tensor values, long step) {
    double[] all = values.detach().reshape(values.numel()).to(DType.F64).toDoubleArray();
    summary(step, new Message().text(1, tag).message(5, Buckets.of(all)));
  }

  /** Text, shown as Markdown. */
  public void addText(String tag, String text, long step) {
    Message shape = new Message().message(2, new Message().integer(1, 1));
    Message tensor =
        new Message()
            .integer(1, DT_STRING)
            .message(2, shape)
            .bytes(8, text.getBytes(StandardCharsets.UTF_8));
    Message plugin = new Message().message(1, new Message().text(1, "text"));
    summary(
        step, new Message().text(1, tag + "/text_summary").message(8, tensor).message(9, plugin));
  }

  /**
   * This run's line in the table of hyperparameters; once a folder.
   *
   * @param hparams texts, booleans and numbers by name
   * @param metrics results by name, written as scalars too
   */
  public void addHparams(Map<String, ?> hparams, Map<String, Double> metrics) {
    Hparams.summaries(hparams, metrics.keySet(), now()).forEach(s -> summary(0, s));
    metrics.forEach((tag, value) -> addScalar(tag, value, 0));
  }

  private void summary(long step, Message value) {
    write(
        new Message().real(1, now()).integer(2, step).message(5, new Message().message(1, value)));
  }

  private synchronized void write(Message event) {
    try {
      events.write(event.toBytes());
      if (System.nanoTime() - flushed > FLUSH_NANOS) {
        flush();
      }
    } catch (IOException e) {
      throw failed(e);
    }
  }

  /** Lets readers see all that was written. */
  public synchronized void flush() {
    try {
      events.flush();
      flushed = System.nanoTime();
    } catch (IOException e) {
      throw failed(e);
    }
  }

  @Override
  public synchronized void close() {
    try {
      events.close();
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private UncheckedIOException failed(IOException e) {
    return new UncheckedIOException(file + " cannot be written", e);
  }
}
