package dev.flambeau.zoo;

import picocli.CommandLine.Option;

/** Options of every command that may fetch files. */
final class CacheOptions {
  @Option(names = "--offline", description = "Use only files that are in the cache.")
  private boolean offline;

  boolean offline() {
    return offline;
  }

  Fetcher fetcher() {
    return new Fetcher(Fetcher.defaultDirectory(), offline, Progress.console());
  }
}
