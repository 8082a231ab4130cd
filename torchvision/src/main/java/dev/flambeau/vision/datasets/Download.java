package dev.flambeau.vision.datasets;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.function.Consumer;

/** Fetches a file whose checksum is known; it appears complete and checked, or not at all. */
final class Download {
  private static final Duration TIMEOUT = Duration.ofSeconds(30);
  private static final int BUFFER = 1 << 16;
  private static final long REPORT_EVERY = 4L << 20;

  private Download() {}

  static void get(String url, Path file, String md5, long maxBytes, Consumer<String> progress)
      throws IOException {
    Path part = Files.createTempFile(file.toAbsolutePath().getParent(), ".download", ".part");
    try {
      String sum = fetch(url, part, maxBytes, progress);
      if (!sum.equals(md5)) {
        throw new IOException("the checksum is " + sum + "; allowed: " + md5);
      }
      try {
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
      } catch (AtomicMoveNotSupportedException e) {
        Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
      }
    } finally {
      Files.deleteIfExists(part);
    }
  }

  private static String fetch(String url, Path part, long maxBytes, Consumer<String> progress)
      throws IOException {
    HttpRequest request = HttpRequest.newBuilder(URI.create(url)).timeout(TIMEOUT).build();
    try (HttpClient client =
        HttpClient.newBuilder()
            .followRedirects(HttpClient.Redirect.NORMAL)
            .connectTimeout(TIMEOUT)
            .build()) {
      HttpResponse<InputStream> response =
          client.send(request, HttpResponse.BodyHandlers.ofInputStream());
      try (InputStream in = response.body();
          OutputStream out = Files.newOutputStream(part)) {
        if (response.statusCode() != 200) {
          throw new IOException("the server answered " + response.statusCode());
        }
        return copy(url, in, out, maxBytes, progress);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("the download was interrupted", e);
    }
  }

  private static String copy(
      String url, InputStream in, OutputStream out, long maxBytes, Consumer<String> progress)
      throws IOException {
    MessageDigest digest = md5();
    byte[] buffer = new byte[BUFFER];
    long done = 0;
    long reported = 0;
    progress.accept("fetching " + url);
    for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
      done += n;
      if (done > maxBytes) {
        throw new IOException("more than " + maxBytes + " bytes");
      }
      digest.update(buffer, 0, n);
      out.write(buffer, 0, n);
      if (done - reported >= REPORT_EVERY) {
        reported = done;
        progress.accept("fetched " + (done >> 20) + " MB");
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest md5() {
    try {
      return MessageDigest.getInstance("MD5");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has MD5", e);
    }
  }
}
