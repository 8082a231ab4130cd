package dev.flambeau.zoo;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Finds the pictures that a command line names: files, folders (their pictures in name order), URLs
 * and {@code sample:NAME}.
 */
final class Pictures implements AutoCloseable {
  private static final Set<String> ENDINGS =
      Set.of("jpg", "jpeg", "png", "bmp", "webp", "tif", "tiff");
  private static final long LARGEST_DOWNLOAD = 64L << 20;
  private static final String SAMPLE = "sample:";

  /**
   * A picture.
   *
   * @param name as the user gave it
   */
  record Picture(String name, Path file) {}

  private final Fetcher fetcher;
  private final Progress progress;
  private final boolean offline;
  private final List<Path> temporary = new ArrayList<>();

  Pictures(Fetcher fetcher, Progress progress, boolean offline) {
    this.fetcher = fetcher;
    this.progress = progress;
    this.offline = offline;
  }

  /**
   * The pictures behind one argument.
   *
   * @throws UserError if there is none
   */
  List<Picture> find(String argument) {
    if (argument.startsWith(SAMPLE)) {
      Entry.RemoteFile sample = Registry.sample(argument.substring(SAMPLE.length()));
      return List.of(new Picture(argument, fetcher.fetch(sample.source(), sample.sha256())));
    }
    if (argument.startsWith("https://") || argument.startsWith("http://")) {
      return List.of(new Picture(argument, download(argument)));
    }
    Path path;
    try {
      path = Path.of(argument);
    } catch (InvalidPathException e) {
      throw new UserError("'" + argument + "' is not a file name: " + e.getReason(), e);
    }
    if (Files.isDirectory(path)) {
      return folder(path);
    }
    if (!Files.exists(path)) {
      throw new UserError(
          "no such file: " + argument + "; give a picture, a folder, a URL or sample:meal_1");
    }
    return List.of(new Picture(argument, path));
  }

  private static List<Picture> folder(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      List<Picture> found =
          files
              .filter(f -> ENDINGS.contains(ending(f)) && Files.isRegularFile(f))
              .sorted()
              .map(f -> new Picture(f.toString(), f))
              .toList();
      if (found.isEmpty()) {
        throw new UserError(
            "no pictures in folder " + folder + "; looked for names ending in " + endings());
      }
      return found;
    } catch (IOException e) {
      throw new UserError("cannot list folder " + folder + ": " + Fetcher.reason(e), e);
    }
  }

  private static String endings() {
    return String.join(", ", ENDINGS.stream().sorted().toList());
  }

  private static String ending(Path file) {
    String name = file.getFileName().toString();
    return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
  }

  private Path download(String address) {
    URI uri;
    try {
      uri = URI.create(address);
    } catch (IllegalArgumentException e) {
      throw new UserError("'" + address + "' is not a URL: " + e.getMessage(), e);
    }
    if (uri.getHost() == null) {
      throw new UserError("'" + address + "' is not a URL: it names no host");
    }
    if (offline) {
      throw new UserError(address + " cannot be fetched with --offline; leave that out");
    }
    try {
      Path file = Files.createTempFile("flambeau-", ".picture");
      temporary.add(file);
      new Download(progress, LARGEST_DOWNLOAD).to(uri, file);
      return file;
    } catch (IOException e) {
      throw new UserError("cannot fetch " + address + ": " + Fetcher.reason(e), e);
    }
  }

  /** Deletes what was downloaded. */
  @Override
  public void close() throws IOException {
    for (Path file : temporary) {
      Files.deleteIfExists(file);
    }
  }
}
