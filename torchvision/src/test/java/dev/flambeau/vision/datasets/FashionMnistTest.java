package dev.flambeau.vision.datasets;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.data.TensorDataset;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FashionMnistTest {
  @TempDir Path folder;

  private static byte[] idx(int type, int[] sizes, int elements) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeInt(type << 8 | sizes.length);
    for (int size : sizes) {
      out.writeInt(size);
    }
    for (int i = 0; i < elements; i++) {
      out.write(i % 10);
    }
    return bytes.toByteArray();
  }

  private Path packed(String name, byte[] content) throws IOException {
    Path file = folder.resolve(name + ".gz");
    try (GZIPOutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write(content);
    }
    return file;
  }

  @Test
  void readsPackedAndPlainFiles() throws IOException {
    packed("train-images-idx3-ubyte", idx(8, new int[] {3, 28, 28}, 3 * 784));
    assertThrows(NoSuchFileException.class, () -> FashionMnist.train(folder));
    assertFalse(FashionMnist.isIn(folder));
    Files.write(folder.resolve("train-labels-idx1-ubyte"), idx(8, new int[] {3}, 3));
    TensorDataset train = FashionMnist.train(folder);
    assertArrayEquals(new long[] {3, 1, 28, 28}, train.inputs().shape().sizes());
    assertArrayEquals(new long[] {0, 1, 2}, train.targets().toLongArray());
    assertEquals((784 + 5) % 10, train.inputs().at(1, 0, 0, 5));
  }

  @Test
  void refusesDamagedFiles() throws IOException {
    byte[] sound = idx(8, new int[] {2, 28, 28}, 2 * 784);
    refused("images", "truncated", Arrays.copyOf(sound, sound.length - 1));
    refused("images", "truncated", Arrays.copyOf(sound, 9));
    refused("images", "more bytes", Arrays.copyOf(sound, sound.length + 1));
    refused("images", "starts with", idx(13, new int[] {2}, 8));
    refused("images", "2^30", idx(8, new int[] {1 << 20, 1 << 20}, 4));
    Path cut = folder.resolve("cut.gz");
    Files.write(cut, Arrays.copyOf(Files.readAllBytes(packed("whole", sound)), 30));
    assertThrows(TorchException.FormatError.class, () -> Idx.read(cut));
    Files.write(cut, sound);
    assertThrows(TorchException.FormatError.class, () -> Idx.read(cut));
  }

  private void refused(String name, String reason, byte[] content) throws IOException {
    Path file = packed(name, content);
    String message =
        assertThrows(TorchException.FormatError.class, () -> Idx.read(file)).getMessage();
    assertTrue(message.contains(reason), message);
  }

  @Test
  void refusesLabelsThatDoNotFit() throws IOException {
    packed("t10k-images-idx3-ubyte", idx(8, new int[] {12, 28, 28}, 12 * 784));
    packed("t10k-labels-idx1-ubyte", idx(8, new int[] {11}, 11));
    assertThrows(TorchException.FormatError.class, () -> FashionMnist.test(folder));
    byte[] eleven = idx(8, new int[] {12}, 12);
    eleven[eleven.length - 1] = 10;
    packed("t10k-labels-idx1-ubyte", eleven);
    assertThrows(TorchException.FormatError.class, () -> FashionMnist.test(folder));
  }

  @Test
  void downloadsOnlyWhatTheChecksumAllows() throws IOException {
    try (ServerSocket server = new ServerSocket(0, 9, InetAddress.getLoopbackAddress())) {
      Thread.ofVirtual().start(() -> serve(server));
      String url = "http://localhost:" + server.getLocalPort();
      Path file = folder.resolve("file");
      String wrong = fails(url + "/file", file, "d5baefee92dae5d30e9e7a3ff2a1f3de", 100);
      assertTrue(wrong.contains("checksum"), wrong);
      String right = wrong.replaceAll(".*the checksum is (\\w+);.*", "$1");
      assertTrue(fails(url + "/file", file, right, 5).contains("more than 5 bytes"));
      assertTrue(fails(url + "/none", file, right, 100).contains("404"));
      assertFalse(Files.exists(file));
      Download.get(url + "/file", file, right, 100, _ -> {});
      assertEquals("a file", Files.readString(file));
    }
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(1, files.count(), "partial files are left");
    }
  }

  private static String fails(String url, Path file, String md5, long limit) {
    return assertThrows(IOException.class, () -> Download.get(url, file, md5, limit, _ -> {}))
        .getMessage();
  }

  /** Answers each connection once: /file has six bytes, all else is not found. */
  private static void serve(ServerSocket server) {
    while (!server.isClosed()) {
      try (Socket socket = server.accept()) {
        BufferedReader in =
            new BufferedReader(
                new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
        boolean found = in.readLine().contains("/file");
        while (!in.readLine().isEmpty()) {
          continue;
        }
        String status = found ? "200 OK" : "404 Not Found";
        String answer =
            "HTTP/1.1 " + status + "\r\nContent-Length: 6\r\nConnection: close\r\n\r\na file";
        socket.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
      } catch (IOException e) {
        // The test has closed the socket, or the client hung up as it should.
        continue;
      }
    }
  }

  @Test
  void readsTheWholeDataSet() throws IOException {
    Path debian = Path.of("/usr/share/datasets/fashion-mnist");
    if (!FashionMnist.isIn(debian)) {
      String reason = "no " + debian + " (Debian package dataset-fashion-mnist)";
      System.out.println("skipped: " + reason);
      Assumptions.abort(reason);
    }
    assertEquals(debian, FashionMnist.find(folder, _ -> {}));
    TensorDataset test = FashionMnist.test(debian);
    assertArrayEquals(new long[] {10000, 1, 28, 28}, test.inputs().shape().sizes());
    long[] perClass = new long[10];
    for (long label : test.targets().toLongArray()) {
      perClass[(int) label]++;
    }
    assertArrayEquals(
        new long[] {1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000}, perClass);
    assertEquals("Ankle boot", FashionMnist.CLASSES.get((int) test.targets().at(0)));
  }
}
