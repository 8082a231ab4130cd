package dev.flambeau.zoo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.flambeau.onnx.OnnxConformance;
import dev.flambeau.torch.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** ONNX's backend tests of ImageDecoder with the reader that this module brings. */
class ImageDecoderTest {
  @TempDir Path folder;

  private void unpack(Path archive) throws IOException {
    try (InputStream file = Files.newInputStream(archive);
        TarArchiveInputStream in = new TarArchiveInputStream(new GZIPInputStream(file))) {
      for (TarArchiveEntry e = in.getNextEntry(); e != null; e = in.getNextEntry()) {
        if (e.isFile() && e.getName().contains("image_decoder")) {
          Path target = folder.resolve(e.getName()).normalize();
          Files.createDirectories(target.getParent());
          Files.copy(in, target);
        }
      }
    }
  }

  @Test
  void backendTests() throws IOException {
    String given = System.getProperty("flambeau.conformance");
    String root = System.getProperty("flambeau.root", "..");
    Path data = given == null ? Path.of(root, "../shared/conformance") : Path.of(given);
    Path archive = data.resolve("onnx.tar.gz").normalize();
    if (!Files.isRegularFile(archive)) {
      System.out.println("skipped: no " + archive);
      abort("no " + archive);
    }
    unpack(archive);
    int passed = 0;
    for (Path test : OnnxConformance.tests(folder)) {
      OnnxConformance.Result result = OnnxConformance.run(folder, test);
      assertEquals(OnnxConformance.Outcome.PASSED, result.outcome(), result.toString());
      passed++;
    }
    assertTrue(passed > 0, "no test in " + archive);
  }

  @Test
  void whatIsNoPictureIsEmpty() {
    assertEquals(Optional.<Tensor>empty(), new VisionImageReader().read("no picture".getBytes()));
    assertEquals(Optional.<Tensor>empty(), new VisionImageReader().read(new byte[0]));
  }
}
