package dev.flambeau.zoo;

import java.util.List;
import java.util.Map;

/**
 * A model of the registry.
 *
 * @param files the model's files by role, such as {@code weights} and {@code tokenizer}
 * @param labels names of the classes, empty if it is no classifier
 */
public record Entry(
    String name,
    String task,
    String description,
    String licence,
    Map<String, RemoteFile> files,
    List<String> labels) {

  /** A file with the checksum it must have. */
  public record RemoteFile(Source source, long bytes, String sha256) {
    static RemoteFile of(String source, long bytes, String sha256) {
      return new RemoteFile(Source.parse(source), bytes, sha256);
    }
  }

  /** All bytes to download. */
  public long bytes() {
    return files.values().stream().mapToLong(RemoteFile::bytes).sum();
  }
}
