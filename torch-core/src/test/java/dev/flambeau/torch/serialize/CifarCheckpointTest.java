package dev.flambeau.torch.serialize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.torch.Scope;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.nn.BatchNorm2d;
import dev.flambeau.torch.nn.Conv2d;
import dev.flambeau.torch.nn.Linear;
import dev.flambeau.torch.nn.Module;
import dev.flambeau.torch.nn.Sequential;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Real checkpoints: CIFAR-10 ResNets in the old form, and pairs of one model in two forms. */
class CifarCheckpointTest {
  private static Path models() {
    String set = System.getProperty("flambeau.conformance");
    String root = System.getProperty("flambeau.root", "..");
    Path folder =
        set == null
            ? Path.of(root, "../shared/models")
            : Path.of(set).toAbsolutePath().resolveSibling("models");
    if (!Files.isDirectory(folder)) {
      String reason = "no models in " + folder + "; set -Dflambeau.conformance=DIR beside them";
      System.out.println("skipped: " + reason);
      Assumptions.abort(reason);
    }
    return folder;
  }

  /** Two convolutions and a way past them, which drops rows and adds empty channels. */
  private static final class Block extends Module {
    final Conv2d conv1;
    final BatchNorm2d bn1;
    final Conv2d conv2;
    final BatchNorm2d bn2;
    private final long in;
    private final long out;

    Block(long in, long out, long stride) {
      this.in = in;
      this.out = out;
      conv1 = new Conv2d(in, out, 3, o -> o.stride(stride).padding(1).bias(false));
      bn1 = new BatchNorm2d(out);
      conv2 = new Conv2d(out, out, 3, o -> o.padding(1).bias(false));
      bn2 = new BatchNorm2d(out);
    }

    @Override
    public Tensor forward(Tensor x) {
      Tensor y = bn2.call(conv2.call(bn1.call(conv1.call(x)).relu()));
      Tensor past = x;
      if (in != out) {
        past = x.slice(2, 0, x.size(2), 2).slice(3, 0, x.size(3), 2);
        Tensor none =
            Torch.zeros(past.size(0), (out - in) / 2, past.size(2), past.size(3)).to(x.dtype());
        past = Torch.cat(List.of(none, past, none), 1);
      }
      return y.add(past).relu();
    }
  }

  /** He et al. 2015, section 4.2. */
  private static final class CifarResNet extends Module {
    final Conv2d conv1 = new Conv2d(3, 16, 3, o -> o.padding(1).bias(false));
    final BatchNorm2d bn1 = new BatchNorm2d(16);
    final Sequential layer1;
    final Sequential layer2;
    final Sequential layer3;
    final Linear linear = new Linear(64, 10);

    CifarResNet(int blocks) {
      layer1 = layer(blocks, 16, 16);
      layer2 = layer(blocks, 16, 32);
      layer3 = layer(blocks, 32, 64);
    }

    private static Sequential layer(int blocks, long in, long out) {
      Module[] all = new Module[blocks];
      for (int i = 0; i < blocks; i++) {
        all[i] = new Block(i == 0 ? in : out, out, i == 0 && in != out ? 2 : 1);
      }
      return new Sequential(all);
    }

    @Override
    public Tensor forward(Tensor x) {
      Tensor y = bn1.call(conv1.call(x)).relu();
      y = layer3.call(layer2.call(layer1.call(y)));
      return linear.call(y.mean(2, 3));
    }
  }

  @ParameterizedTest
  @CsvSource({"resnet20-12fca82f.th, 3, 0.998", "resnet32-d509ac18.th, 5, 0.998"})
  void legacyCheckpointsClassify(String file, int blocks, double accuracy) throws IOException {
    Path models = models();
    CifarResNet net = new CifarResNet(blocks);
    net.loadStateDict(PyTorchFile.stateDict(models.resolve("pt").resolve(file)));
    net.eval();
    byte[] data = Files.readAllBytes(models.resolve("cifar10/cifar10_train_first4000.bin"));
    int pixels = 3 * 32 * 32;
    int count = data.length / (1 + pixels);
    float[] mean = {0.485f, 0.456f, 0.406f};
    float[] std = {0.229f, 0.224f, 0.225f};
    int right = 0;
    int batch = 250;
    for (int start = 0; start < count; start += batch) {
      float[] x = new float[batch * pixels];
      for (int i = 0; i < x.length; i++) {
        int channel = i % pixels / 1024;
        int value = data[(start + i / pixels) * (1 + pixels) + 1 + i % pixels] & 0xff;
        x[i] = (value / 255f - mean[channel]) / std[channel];
      }
      try (var _ = Scope.open()) {
        Tensor input = Torch.tensor(x, batch, 3, 32, 32);
        long[] best = Torch.noGrad(() -> net.call(input).argmax(1)).toLongArray();
        for (int i = 0; i < batch; i++) {
          right += best[i] == data[(start + i) * (1 + pixels)] ? 1 : 0;
        }
      }
    }
    System.out.printf("%s: %d of %d right%n", file, right, count);
    assertEquals(4000, count);
    assertTrue(right >= Math.round(accuracy * count) - 4, right + " of " + count);
  }

  /** The two files are one network after 4 and after 8 epochs: 3752 and 7504 batches. */
  @Test
  void bothFormsOfOneNetworkAgree() throws IOException {
    Path folder = models().resolve("pt");
    Map<String, Tensor> pickled = PyTorchFile.stateDict(folder.resolve("burn_mnist.pt"));
    Map<String, Tensor> plain = Safetensors.load(folder.resolve("burn_mnist.safetensors"));
    assertEquals(plain.keySet(), pickled.keySet());
    plain.forEach(
        (name, t) -> {
          assertEquals(t.dtype(), pickled.get(name).dtype(), name);
          assertEquals(t.shape(), pickled.get(name).shape(), name);
        });
    assertEquals(3752, pickled.get("norm1.num_batches_tracked").item());
    assertEquals(7504, plain.get("norm1.num_batches_tracked").item());
  }

  @Test
  void otherRealCheckpointsLoad() throws IOException {
    Path folder = models().resolve("pt");
    for (String file :
        new String[] {
          "face_version-RFB-320.pth", "mtcnn_onet.pt", "mtcnn_pnet.pt", "mtcnn_rnet.pt"
        }) {
      assertTrue(PyTorchFile.stateDict(folder.resolve(file)).size() > 4, file);
    }
  }
}
