package dev.flambeau.zoo;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;

/** Downloads over HTTP; a partial file is continued where the server allows it. */
public final class Download {
  private static final int PARTIAL = 206;
  private static final int OK = 200;
  private static final int RANGE_NOT_SATISFIABLE = 416;

  private final Progress progress;
  private final long limit;

  public Download(Progress progress) {
    this(progress, Fetcher.MAX_BYTES);
  }

  /** {@code limit}: the largest file accepted, in bytes. */
  public Download(Progress progress, long limit) {
    this.progress = progress;
    this.limit = limit;
  }

  /**
   * Fetches into {@code part}, keeping what is already there.
   *
   * @throws UserError if there is no network, the server refuses, or the file is too large
   */
  public void to(URI uri, Path part) throws IOException {
    long have = Files.isRegularFile(part) ? Files.size(part) : 0;
    try (HttpClient client =
        HttpClient.newBuilder()
            .followRedirects(HttpClient.Redirect.NORMAL)
            .connectTimeout(Duration.ofSeconds(20))
            .build()) {
      HttpRequest.Builder request = HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(60));
      if (have > 0) {
        request.header("Range", "bytes=" + have + "-");
      }
      HttpResponse<InputStream> response =
          client.send(request.GET().build(), HttpResponse.BodyHandlers.ofInputStream());
      try (InputStream body = response.body()) {
        int status = response.statusCode();
        if (status == RANGE_NOT_SATISFIABLE && have > 0) {
          return; // the partial file is complete already; the checksum decides
        }
        if (status != OK && status != PARTIAL) {
          throw new UserError(uri + ": the server answered " + status + "; check the address");
        }
        long before = status == PARTIAL ? have : 0;
        long length = response.headers().firstValueAsLong("Content-Length").orElse(-1);
        receive(uri, body, part, before, length < 0 ? -1 : before + length);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } catch (ConnectException | UnknownHostException e) {
      throw noNetwork(uri, e);
    } catch (IOException e) {
      if (e.getCause() instanceof UnresolvedAddressException
          || e.getCause() instanceof ConnectException) {
        throw noNetwork(uri, e);
      }
      throw e;
    }
  }

  private static UserError noNetwork(URI uri, IOException e) {
    return new UserError(
        "no connection to " + uri.getHost() + "; check the network or proxy, then try again", e);
  }

  private void receive(URI uri, InputStream body, Path part, long before, long total)
      throws IOException {
    if (total > limit) {
      throw tooLarge(uri);
    }
    String name = uri.getPath().substring(uri.getPath().lastIndexOf('/') + 1);
    progress.begin();
    try (OutputStream out =
        before > 0
            ? Files.newOutputStream(part, StandardOpenOption.APPEND)
            : Files.newOutputStream(part)) {
      byte[] buffer = new byte[1 << 16];
      long done = before;
      for (int n = body.read(buffer); n >= 0; n = body.read(buffer)) {
        done += n;
        if (done > limit) {
          throw tooLarge(uri);
        }
        out.write(buffer, 0, n);
        progress.update(name, done, total);
      }
    } finally {
      progress.end();
    }
  }

  private UserError tooLarge(URI uri) {
    return new UserError(uri + " is larger than the limit of " + limit + " bytes; refused");
  }
}
