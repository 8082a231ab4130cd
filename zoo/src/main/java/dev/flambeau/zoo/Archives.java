package dev.flambeau.zoo;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;

/**
 * Takes single files out of archives. The target is named by the caller, never by the archive, and
 * no more than {@link Fetcher#MAX_BYTES} are unpacked.
 */
final class Archives {
  private Archives() {}

  /** Unpacks {@code name} from a jar. */
  static void entry(Path jar, String name, Path target) throws IOException {
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      ZipEntry entry = zip.getEntry(name);
      if (entry == null) {
        throw new UserError(jar.getFileName() + " has no file " + name);
      }
      try (InputStream in = zip.getInputStream(entry)) {
        copy(in, target, name);
      }
    }
  }

  /** Unpacks {@code name} from a tar.gz. */
  static void tarEntry(Path archive, String name, Path target) throws IOException {
    try (InputStream raw = new BufferedInputStream(Files.newInputStream(archive));
        TarArchiveInputStream tar = new TarArchiveInputStream(new GzipCompressorInputStream(raw))) {
      long seen = 0;
      for (TarArchiveEntry e = tar.getNextEntry(); e != null; e = tar.getNextEntry()) {
        seen += Math.max(0, e.getSize());
        if (seen > Fetcher.MAX_BYTES) {
          throw new UserError(archive.getFileName() + " unpacks to more than 16 GiB; refused");
        }
        if (e.isFile() && e.getName().equals(name)) {
          copy(tar, target, name);
          return;
        }
      }
    }
    throw new UserError(archive.getFileName() + " has no file " + name);
  }

  static void copy(InputStream in, Path target, String name) throws IOException {
    try (OutputStream out = Files.newOutputStream(target)) {
      byte[] buffer = new byte[1 << 16];
      long written = 0;
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        written += n;
        if (written > Fetcher.MAX_BYTES) {
          throw new UserError(name + " is larger than 16 GiB; refused");
        }
        out.write(buffer, 0, n);
      }
    }
  }
}
