package dev.flambeau.torch.serialize;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/**
 * Writes a file that appears whole or not at all: whoever interrupts it finds the old one. What is
 * written lies beside it, hidden, until it is on the disk.
 */
public final class WholeFile {
  private static final int BUFFER = 1 << 16;

  /** Writes a file's content to a channel. */
  public interface ChannelContent {
    void write(FileChannel channel) throws IOException;
  }

  /** Writes a file's content to a stream. */
  public interface Content {
    void write(OutputStream out) throws IOException;
  }

  private WholeFile() {}

  /** Writes or replaces {@code file}; if {@code content} fails, nothing is changed. */
  public static void write(Path file, Content content) throws IOException {
    writeChannel(
        file,
        channel -> {
          OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER);
          content.write(out);
          out.flush();
        });
  }

  /** The same. */
  public static void writeChannel(Path file, ChannelContent content) throws IOException {
    Path target = file.toAbsolutePath();
    Path partial =
        target.resolveSibling("." + target.getFileName() + "." + UUID.randomUUID() + ".partial");
    try {
      try (FileChannel channel =
          FileChannel.open(partial, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
        content.write(channel);
        channel.force(true);
      }
      move(partial, target);
    } finally {
      Files.deleteIfExists(partial);
    }
  }

  private static void move(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
  }
}
