package dev.flambeau.tutorials;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.torch.data.TensorDataset;
import dev.flambeau.torch.serialize.Safetensors;
import dev.flambeau.vision.datasets.FashionMnist;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuickstartTest {
  @TempDir Path folder;

  /** Noise with a bright bar at a row that tells the class. */
  static void write(Path folder, String part, int count) throws IOException {
    Random random = new Random(count);
    try (DataOutputStream images =
            new DataOutputStream(
                Files.newOutputStream(folder.resolve(part + "-images-idx3-ubyte")));
        DataOutputStream labels =
            new DataOutputStream(
                Files.newOutputStream(folder.resolve(part + "-labels-idx1-ubyte")))) {
      images.write(new byte[] {0, 0, 8, 3});
      images.writeInt(count);
      images.writeInt(28);
      images.writeInt(28);
      labels.write(new byte[] {0, 0, 8, 1});
      labels.writeInt(count);
      for (int i = 0; i < count; i++) {
        int label = random.nextInt(10);
        labels.write(label);
        byte[] picture = new byte[784];
        for (int p = 0; p < picture.length; p++) {
          boolean bar = p / 28 / 2 == label + 2;
          picture[p] = (byte) (random.nextInt(60) + (bar ? 150 : 0));
        }
        images.write(picture);
      }
    }
  }

  @Test
  void learnsPlotsAndSaves() throws IOException {
    write(folder, "train", 640);
    write(folder, "t10k", 200);
    Path out = folder.resolve("out");
    assertEquals(
        0, Quickstart.run("--data", folder.toString(), "--out", out.toString(), "--epochs", "2"));
    ClothesNet loaded = new ClothesNet();
    loaded.loadStateDict(Safetensors.load(out.resolve("clothes.safetensors")));
    double accuracy = Quickstart.accuracy(loaded, FashionMnist.test(folder));
    assertTrue(accuracy > 0.9, "accuracy " + accuracy);
    assertEquals(800, ImageIO.read(out.resolve("training.png").toFile()).getWidth());
  }

  @Test
  void learnsFromRealClothes() throws IOException {
    Path data = FashionMnist.isIn(DEBIAN) ? DEBIAN : Path.of("data/fashion-mnist");
    if (!FashionMnist.isIn(data)) {
      String reason = "no Fashion-MNIST in " + DEBIAN;
      System.out.println("skipped: " + reason);
      Assumptions.abort(reason);
    }
    String out = folder.toString();
    assertEquals(
        0, Quickstart.run("--data", "" + data, "--out", out, "--epochs", "1", "--limit", "2000"));
    ClothesNet loaded = new ClothesNet();
    loaded.loadStateDict(Safetensors.load(folder.resolve("clothes.safetensors")));
    TensorDataset test = FashionMnist.test(data);
    TensorDataset some =
        new TensorDataset(test.inputs().narrow(0, 0, 1000), test.targets().narrow(0, 0, 1000));
    double accuracy = Quickstart.accuracy(loaded, some);
    assertTrue(accuracy > 0.6, "accuracy " + accuracy);
  }

  @Test
  void refusesBadArguments() {
    assertEquals(2, Quickstart.run("--epochs", "0"));
    assertEquals(2, Quickstart.run("--epochs", "many"));
  }

  private static final Path DEBIAN = Path.of("/usr/share/datasets/fashion-mnist");
}
