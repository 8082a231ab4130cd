package dev.flambeau.zoo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LabelsTest {
  private static final List<String> NAMES = List.of("ant", "bee, honey bee", "cat");

  @TempDir Path folder;

  private Path file(String content) throws IOException {
    return Files.writeString(folder.resolve("labels"), content);
  }

  @Test
  void allForms() throws IOException {
    for (String content :
        List.of(
            "ant\nbee, honey bee\ncat\n",
            "[\"ant\", \"bee, honey bee\", \"cat\"]",
            "{\"1\": \"bee, honey bee\", \"0\": \"ant\", \"2\": \"cat\"}",
            "{\"0\": [\"n01\", \"ant\"], \"1\": [\"n02\", \"bee, honey bee\"], \"2\": [\"n\","
                + " \"cat\"]}")) {
      assertEquals(NAMES, Labels.read(file(content)), content);
    }
  }

  @Test
  void wrongFiles() throws IOException {
    for (String content :
        List.of(
            "",
            "  \n",
            "[]",
            "{}",
            "[1, 2]",
            "[\"a\", ",
            "{\"0\": \"a\", \"2\": \"b\"}",
            "{\"a\": \"b\"}",
            "{\"-1\": \"b\"}",
            "{\"00\": \"b\"}",
            "{\"0\": {}}")) {
      Path file = file(content);
      UserError e = assertThrows(UserError.class, () -> Labels.read(file), content);
      assertTrue(e.getMessage().contains("labels"), e.getMessage());
    }
    Path binary = Files.write(folder.resolve("binary"), new byte[] {(byte) 0xff, (byte) 0xd8});
    assertThrows(UserError.class, () -> Labels.read(binary));
    assertThrows(UserError.class, () -> Labels.read(folder.resolve("missing")));
  }
}
