package dev.flambeau.zoo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.flambeau.text.Encoding;
import dev.flambeau.text.Tokenizer;
import dev.flambeau.torch.Tensor;
import dev.flambeau.vision.io.Images;
import dev.flambeau.vision.transforms.PreprocessCard;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.ShortBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands with real networks and photos, against torchvision's and ONNX Runtime's numbers. */
class RealModelsTest {
  @TempDir Path folder;

  /** A file of an entry by its role. */
  private static Path fetchedOf(String name, String role) {
    Entry.RemoteFile file = Registry.find(name).files().get(role);
    return fetched(file.source(), file.sha256());
  }

  static Path sample(String name) {
    Entry.RemoteFile file = Registry.sample(name);
    return fetched(file.source(), file.sha256());
  }

  static Path fetched(String source, String sha256) {
    return fetched(Source.parse(source), sha256);
  }

  /** Without the file and without a network the test is skipped. */
  private static Path fetched(Source source, String sha256) {
    try {
      return new Fetcher(Fetcher.defaultDirectory(), false, Progress.console())
          .fetch(source, sha256);
    } catch (UserError e) {
      System.out.println("skipped: " + e.getMessage());
      return abort(e.getMessage());
    }
  }

  static Path shared(String name) {
    String given = System.getProperty("flambeau.conformance");
    String root = System.getProperty("flambeau.root", "..");
    Path data = given == null ? Path.of(root, "../shared/conformance") : Path.of(given);
    Path file = data.resolveSibling("models").resolve(name).normalize();
    if (!Files.isRegularFile(file)) {
      System.out.println("skipped: no " + file);
      abort("no " + file);
    }
    return file;
  }

  private static JsonNode json(String... args) throws IOException {
    Cli got = Cli.run(args);
    assertEquals(0, got.code(), got.err());
    return new ObjectMapper().readTree(got.out());
  }

  /** A GGUF file as ONNX, which knows how its pictures are prepared. */
  @Test
  void triageAsOnnx() throws IOException {
    Path gguf = fetchedOf("mobilenet_v3_small.triage", "weights");
    Path onnx = folder.resolve("triage.onnx");
    Cli there = Cli.run("onnx", "convert", gguf + "", onnx + "", "--model", "mobilenet_v3_small");
    assertEquals(0, there.code(), there::toString);
    Tensor photo = OnnxFiles.card(onnx).orElseThrow().apply(Images.read(Zoo.sample("meal_1")));
    Tensor expected = Zoo.load("mobilenet_v3_small.triage").forward(photo);
    double gap = expected.sub(OnnxFiles.load(onnx).forward(photo)).abs().amax().item();
    assertTrue(gap < 1e-4, "differs by " + gap);
  }

  /** Expected: torchvision 0.14 with these weights, resize 256 and centre crop 224. */
  @Test
  void triage() throws IOException {
    fetchedOf("mobilenet_v3_small.triage", "weights");
    List<String> names = List.of("meal_1", "other_1", "other_2", "report_1");
    String[] labels = {"food", "other", "other", "report"};
    double[] expected = {0.907, 0.887, 0.970, 0.911};
    String[] samples = names.stream().map(n -> "sample:" + n).toArray(String[]::new);
    JsonNode got = json("classify", samples[0], samples[1], samples[2], samples[3], "--json");
    assertEquals(4, got.size());
    for (int i = 0; i < 4; i++) {
      assertEquals(List.of("file", "predictions"), fields(got.get(i)));
      assertEquals(samples[i], got.get(i).get("file").textValue());
      assertEquals(3, got.get(i).get("predictions").size());
      JsonNode best = got.get(i).get("predictions").get(0);
      assertEquals(List.of("label", "probability"), fields(best));
      assertEquals(labels[i], best.get("label").textValue());
      assertEquals(expected[i], best.get("probability").doubleValue(), 0.01);
    }
    Cli plain = Cli.run("classify", samples[0], "--annotate", folder.toString());
    assertEquals(0, plain.code(), plain.err());
    assertTrue(
        plain.out().matches("(?s)sample:meal_1\\R  food +0\\.9\\d\\d  \\S+\\R.*"), plain.out());
    assertEquals(4, plain.out().lines().count(), "a line a class");
    assertTrue(Files.size(folder.resolve("sample_meal_1-annotated.png")) > 10_000);
  }

  private static List<String> fields(JsonNode node) {
    List<String> names = new ArrayList<>();
    node.fieldNames().forEachRemaining(names::add);
    return names;
  }

  @Test
  void squeezeNetAgreesWithOnnxRuntime() throws IOException, OrtException {
    Path model = Files.copy(shared("SqueezeNet_fp16.onnx"), folder.resolve("SqueezeNet_fp16.onnx"));
    String labels = shared("imagenet-labels.json").toString();
    Path dog = shared("dog.jpg");
    Path cat = shared("cat.jpg");
    JsonNode got =
        json(
            "classify",
            dog.toString(),
            cat.toString(),
            "--model",
            model.toString(),
            "--labels",
            labels,
            "--preprocess",
            "caffe",
            "--save-card",
            "--top",
            "1000",
            "--json");
    List<String> names = Labels.read(Path.of(labels));
    assertEquals("golden retriever", top(got, 0).get("label").textValue());
    assertTrue(top(got, 0).get("probability").doubleValue() > 0.99);
    assertEquals("Egyptian cat", top(got, 1).get("label").textValue());
    Path[] photos = {dog, cat};
    for (int i = 0; i < 2; i++) {
      float[] expected = squeezeNet(model, PreprocessCard.CAFFE.apply(Images.read(photos[i])));
      assertEquals(1000, got.get(i).get("predictions").size());
      for (JsonNode p : got.get(i).get("predictions")) {
        float reference = 0;
        for (int c = 0; c < expected.length; c++) {
          if (names.get(c).equals(p.get("label").textValue())) {
            reference = Math.max(reference, expected[c]);
          }
        }
        if (p.get("probability").doubleValue() > 0.005) {
          assertEquals(reference, p.get("probability").doubleValue(), 5e-3, p.toString());
        }
      }
    }
    JsonNode again =
        json("classify", dog.toString(), "--model", model.toString(), "--labels", labels, "--json");
    assertEquals(
        top(got, 0), top(again, 0), "the card saved beside the model is used without asking");
  }

  private static JsonNode top(JsonNode results, int i) {
    return results.get(i).get("predictions").get(0);
  }

  private static float[] squeezeNet(Path model, Tensor input) throws OrtException {
    float[] values = input.toFloatArray();
    short[] halves = new short[values.length];
    for (int i = 0; i < halves.length; i++) {
      halves[i] = Float.floatToFloat16(values[i]);
    }
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    long[] shape = {1, 3, 224, 224};
    try (OrtSession session = environment.createSession(model.toString());
        OnnxTensor x =
            OnnxTensor.createTensor(
                environment, ShortBuffer.wrap(halves), shape, OnnxJavaType.FLOAT16);
        OrtSession.Result result = session.run(Map.of("data_0", x))) {
      FloatBuffer out = ((OnnxTensor) result.get(0)).getFloatBuffer();
      float[] p = new float[out.remaining()];
      out.get(p);
      return p;
    }
  }

  @Test
  void similarAgreesWithOnnxRuntime() throws IOException, OrtException {
    Path model = fetchedOf("all-MiniLM-L6-v2", "model");
    Path tokenizer = fetchedOf("all-MiniLM-L6-v2", "tokenizer");
    List<String> texts =
        List.of("A cat sits on the mat.", "A kitten rests on a rug.", "Stocks fell sharply today.");
    JsonNode got = json("similar", texts.get(0), texts.get(1), texts.get(2), "--json");
    assertEquals(texts.get(1), got.get("texts").get(1).textValue());
    double[][] rows = new double[3][];
    try (Tokenizer encoder = Tokenizer.load(tokenizer)) {
      for (int i = 0; i < 3; i++) {
        rows[i] = miniLm(model, encoder.encode(texts.get(i)));
      }
    }
    for (int i = 0; i < 3; i++) {
      for (int j = 0; j < 3; j++) {
        double actual = got.get("similarity").get(i).get(j).doubleValue();
        assertEquals(cosine(rows[i], rows[j]), actual, 1e-4, i + ", " + j);
      }
    }
    assertTrue(got.get("similarity").get(0).get(1).doubleValue() > 0.5, got.toString());
    assertTrue(got.get("similarity").get(0).get(2).doubleValue() < 0.2, got.toString());
    assertEquals(1, json("similar", "one", "--json").get("similarity").size());
  }

  private static double cosine(double[] a, double[] b) {
    double ab = 0;
    double aa = 0;
    double bb = 0;
    for (int i = 0; i < a.length; i++) {
      ab += a[i] * b[i];
      aa += a[i] * a[i];
      bb += b[i] * b[i];
    }
    return ab / Math.sqrt(aa * bb);
  }

  /** Mean over the tokens of one text, which has no padding. */
  private static double[] miniLm(Path model, Encoding text) throws OrtException {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession session = environment.createSession(model.toString());
        OnnxTensor ids = longs(environment, text.inputIds());
        OnnxTensor mask = longs(environment, text.attentionMask());
        OnnxTensor types = longs(environment, text.tokenTypeIds());
        OrtSession.Result result =
            session.run(
                Map.of("input_ids", ids, "attention_mask", mask, "token_type_ids", types))) {
      float[][] hidden = ((float[][][]) result.get(0).getValue())[0];
      double[] mean = new double[hidden[0].length];
      for (float[] token : hidden) {
        for (int d = 0; d < mean.length; d++) {
          mean[d] += token[d] / hidden.length;
        }
      }
      return mean;
    }
  }

  private static OnnxTensor longs(OrtEnvironment environment, Tensor t) throws OrtException {
    return OnnxTensor.createTensor(
        environment, LongBuffer.wrap(t.toLongArray()), t.shape().sizes());
  }
}
