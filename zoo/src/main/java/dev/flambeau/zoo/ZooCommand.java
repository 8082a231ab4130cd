package dev.flambeau.zoo;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.TreeMap;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Looks at and fetches the models of the registry. */
@Command(name = "zoo", description = "Lists and fetches pretrained models.")
final class ZooCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        spec.commandLine(), "zoo: say what to do: list, pull NAME or info NAME");
  }

  private static String megabytes(long bytes) {
    return String.format(Locale.ROOT, "%.1f MB", bytes / 1e6);
  }

  @Command(name = "list", description = "All models: name, task, size of the download.")
  void list() {
    PrintWriter out = spec.commandLine().getOut();
    for (Entry e : Registry.entries()) {
      out.printf("%-28s %-22s %10s%n", e.name(), e.task(), megabytes(e.bytes()));
    }
  }

  @Command(name = "pull", description = "Fetches a model's files into the cache.")
  void pull(
      @Parameters(paramLabel = "NAME", description = "A name that list shows.") String name,
      @Mixin CacheOptions cache) {
    PrintWriter out = spec.commandLine().getOut();
    Fetcher fetcher = cache.fetcher();
    for (Entry.RemoteFile file : Registry.find(name).files().values()) {
      out.println(fetcher.fetch(file.source(), file.sha256()));
    }
  }

  @Command(name = "info", description = "What is known of a model.")
  void info(
      @Parameters(paramLabel = "NAME", description = "A name that list shows.") String name,
      @Mixin CacheOptions cache) {
    Entry e = Registry.find(name);
    PrintWriter out = spec.commandLine().getOut();
    out.println(e.name() + ": " + e.task());
    out.println(e.description());
    out.println("licence: " + e.licence());
    if (!e.labels().isEmpty()) {
      out.println("labels: " + String.join(", ", e.labels()));
    }
    new TreeMap<>(e.files())
        .forEach(
            (role, file) -> {
              Path path = cache.fetcher().location(file.source(), file.sha256());
              String where = Files.isRegularFile(path) ? path.toString() : "not fetched yet";
              out.printf("%s: %s, %s%n", role, megabytes(file.bytes()), where);
              out.println("  sha256 " + file.sha256());
            });
  }
}
