package dev.flambeau.zoo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Broken connections, servers of all kinds, the cache folder and hostile archives. */
class DownloadTest {
  private static final byte[] DATA = new byte[300_000];

  private static final Progress QUIET =
      new Progress(new PrintStream(OutputStream.nullOutputStream()), false);

  static {
    new Random(1).nextBytes(DATA);
  }

  @TempDir Path folder;
  private HttpServer server;
  private final List<String> ranges = new ArrayList<>();

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/ranged", exchange -> answer(exchange, true));
    server.createContext("/plain", exchange -> answer(exchange, false));
    server.createContext("/missing", exchange -> exchange.sendResponseHeaders(404, -1));
    server.createContext(
        "/broken",
        exchange -> {
          exchange.sendResponseHeaders(200, DATA.length);
          exchange.getResponseBody().write(DATA, 0, 100_000);
          exchange.getResponseBody().flush();
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void answer(HttpExchange exchange, boolean ranged) throws IOException {
    String range = exchange.getRequestHeaders().getFirst("Range");
    synchronized (ranges) {
      ranges.add(String.valueOf(range));
    }
    int from = ranged && range != null ? Integer.parseInt(range.replaceAll("\\D", "")) : 0;
    if (from >= DATA.length) {
      exchange.sendResponseHeaders(416, -1);
      return;
    }
    exchange.sendResponseHeaders(from > 0 ? 206 : 200, DATA.length - from);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(DATA, from, DATA.length - from);
    }
  }

  private URI uri(String path) {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
  }

  private Download download() {
    return new Download(QUIET);
  }

  @Test
  void brokenConnectionIsContinued() throws IOException {
    Path part = folder.resolve("net.part");
    assertThrows(IOException.class, () -> download().to(uri("/broken/net"), part));
    long kept = Files.size(part);
    assertTrue(kept > 0 && kept < DATA.length, kept + " bytes kept");
    download().to(uri("/ranged/net"), part);
    assertArrayEquals(DATA, Files.readAllBytes(part));
    assertEquals(List.of("bytes=" + kept + "-"), ranges);
  }

  @Test
  void aServerWithoutRangesStartsAgain() throws IOException {
    Path part = Files.write(folder.resolve("net.part"), new byte[1000]);
    download().to(uri("/plain/net"), part);
    assertArrayEquals(DATA, Files.readAllBytes(part));
  }

  @Test
  void aCompletePartIsLeftAlone() throws IOException {
    Path part = Files.write(folder.resolve("net.part"), DATA);
    download().to(uri("/ranged/net"), part);
    assertArrayEquals(DATA, Files.readAllBytes(part));
  }

  @Test
  void refusals() {
    Path part = folder.resolve("net.part");
    UserError missing =
        assertThrows(UserError.class, () -> download().to(uri("/missing/net"), part));
    assertTrue(missing.getMessage().contains("404"), missing.getMessage());
    UserError large =
        assertThrows(UserError.class, () -> new Download(QUIET, 1000).to(uri("/plain/net"), part));
    assertTrue(large.getMessage().contains("1000 bytes"), large.getMessage());
    assertFalse(Files.exists(part));
  }

  @Test
  void theCacheChecksAndKeeps() throws Exception {
    Path file = Files.write(folder.resolve("weights.bin"), DATA);
    String sum = Checksum.sha256(file);
    Source source = new Source.Local(file);
    Fetcher fetcher = new Fetcher(folder.resolve("cache"), false, QUIET);
    UserError wrong = assertThrows(UserError.class, () -> fetcher.fetch(source, "0".repeat(64)));
    assertTrue(wrong.getMessage().contains("wrong checksum"), wrong.getMessage());
    assertFalse(Files.exists(fetcher.location(source, "0".repeat(64))));
    Callable<Path> fetch = () -> fetcher.fetch(source, sum);
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      for (Future<Path> path : threads.invokeAll(List.of(fetch, fetch, fetch, fetch))) {
        assertArrayEquals(DATA, Files.readAllBytes(path.get()));
      }
    }
    Files.delete(file);
    Fetcher offline = new Fetcher(folder.resolve("cache"), true, QUIET);
    assertArrayEquals(DATA, Files.readAllBytes(offline.fetch(source, sum)));
  }

  @Test
  void offlineSaysWhatToDo() {
    Fetcher offline = new Fetcher(folder, true, QUIET);
    Source source = new Source.Https(uri("/plain/net.bin"));
    UserError e = assertThrows(UserError.class, () -> offline.fetch(source, "0".repeat(64)));
    assertTrue(e.getMessage().contains("net.bin"), e.getMessage());
    assertTrue(e.getMessage().contains("without --offline"), e.getMessage());
    assertEquals(List.of(), ranges, "asked a server while offline");
  }

  @Test
  void namesStayInsideTheCache() {
    for (String path : new String[] {"/a/..", "/a/.", "/", "/a/b%5Cc", "/C:x"}) {
      Source source = new Source.Https(URI.create("https://example.org" + path));
      assertThrows(UserError.class, source::fileName, path);
    }
    assertEquals("..net", new Source.Https(URI.create("https://example.org/..net")).fileName());
  }

  @Test
  void archivesWriteOnlyWhereTold() throws IOException {
    Path jar = folder.resolve("evil.jar");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(jar))) {
      zip.putNextEntry(new ZipEntry("../outside.txt"));
      zip.write("x".getBytes());
      zip.putNextEntry(new ZipEntry("inside.txt"));
      zip.write("y".getBytes());
    }
    Path target = Files.createDirectories(folder.resolve("in")).resolve("taken.part");
    Archives.entry(jar, "../outside.txt", target);
    assertEquals("x", Files.readString(target));
    Archives.entry(jar, "inside.txt", target);
    assertEquals("y", Files.readString(target));
    assertThrows(UserError.class, () -> Archives.entry(jar, "absent.txt", target));
    try (var files = Files.walk(folder)) {
      assertEquals(
          List.of("evil.jar", "taken.part"),
          files
              .filter(Files::isRegularFile)
              .map(f -> f.getFileName().toString())
              .sorted()
              .toList());
    }
    Path truncated = folder.resolve("cut.jar");
    Files.write(truncated, Arrays.copyOf(Files.readAllBytes(jar), 40));
    assertThrows(IOException.class, () -> Archives.entry(truncated, "inside.txt", target));
    assertThrows(IOException.class, () -> Archives.tarEntry(truncated, "inside.txt", target));
  }
}
