import com.google.googlejavaformat.java.Formatter;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Checks or applies google-java-format: {@code Format (check|apply) FOLDER...}. */
class Format {
  public static void main(String[] args) throws Exception {
    boolean apply = args[0].equals("apply");
    Formatter formatter = new Formatter();
    List<Path> wrong = new ArrayList<>();
    for (int i = 1; i < args.length; i++) {
      for (Path file : sources(Path.of(args[i]))) {
        String text = Files.readString(file);
        String formatted = formatter.formatSourceAndFixImports(text);
        if (apply && !formatted.equals(text)) {
          // A re-wrapped comment can change what comes after it.
          formatted = formatter.formatSourceAndFixImports(formatted);
        }
        if (!text.equals(formatted)) {
          wrong.add(file);
          if (apply) {
            Files.writeString(file, formatted);
          }
        }
      }
    }
    if (!apply && !wrong.isEmpty()) {
      wrong.forEach(file -> System.err.println("not formatted: " + file));
      System.err.println("Run: mvn -q -N validate -Pformat");
      System.exit(1);
    }
  }

  private static List<Path> sources(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(
              f ->
                  f.toString().endsWith(".java")
                      && !f.toString().contains(File.separator + "target" + File.separator))
          .toList();
    }
  }
}
