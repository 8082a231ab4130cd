package dev.flambeau.torch.serialize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WholeFileTest {
  @Test
  void failuresLeaveTheOldFileAndNothingElse(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("file");
    WholeFile.write(file, out -> out.write(1));
    WholeFile.write(file, out -> out.write(new byte[] {2, 3}));
    assertThrows(
        IOException.class,
        () ->
            WholeFile.write(
                file,
                out -> {
                  out.write(new byte[1 << 20]);
                  assertEquals(2, Files.size(file), "the old one while it is written");
                  throw new IOException("expected");
                }));
    assertEquals(2, Files.size(file));
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of(file), files.toList());
    }
  }
}
