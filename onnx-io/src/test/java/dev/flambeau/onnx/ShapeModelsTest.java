package dev.flambeau.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flambeau.onnx.proto.GraphProto;
import dev.flambeau.onnx.proto.ModelProto;
import dev.flambeau.onnx.proto.TypeProto;
import dev.flambeau.onnx.proto.ValueInfoProto;
import dev.flambeau.torch.Generator;
import dev.flambeau.torch.Torch;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The sizes inferred for real networks are those that a run has, at two sizes of what is open. */
class ShapeModelsTest {
  /** Without what the file says of the values inside and of the outputs. */
  private static ModelProto bare(ModelProto model) {
    GraphProto.Builder graph = model.getGraph().toBuilder().clearValueInfo();
    for (ValueInfoProto.Builder output : graph.getOutputBuilderList()) {
      output.clearType();
    }
    return model.toBuilder().setGraph(graph).build();
  }

  /** With names for sizes of inputs: texts such as {@code image:2=height}. */
  static ModelProto opened(ModelProto model, String... names) {
    ModelProto.Builder open = model.toBuilder();
    for (String name : names) {
      String[] parts = name.split("[:=]");
      for (ValueInfoProto.Builder input : open.getGraphBuilder().getInputBuilderList()) {
        if (input.getName().equals(parts[0])) {
          TypeProto.Tensor.Builder type = input.getTypeBuilder().getTensorTypeBuilder();
          var dim = type.getShapeBuilder().getDimBuilder(Integer.parseInt(parts[1]));
          if (parts[2].matches("\\d+")) {
            dim.setDimValue(Long.parseLong(parts[2]));
          } else {
            dim.setDimParam(parts[2]);
          }
        }
      }
    }
    return open.build();
  }

  private static void compare(Path file, String[] names, List<Map<String, Long>> sizes)
      throws Exception {
    ModelProto model = opened(bare(Onnx.parse(file)), names);
    long start = System.nanoTime();
    ShapeInference found =
        ShapeInference.of(model, new TensorReader(file + "", new ExternalData(Optional.empty())));
    double seconds = (System.nanoTime() - start) / 1e9;
    assertEquals(List.of(), found.faults());
    OnnxModule module = Onnx.load(model.toByteArray(), file + "");
    TreeSet<String> unknown = new TreeSet<>();
    int[] values = {0};
    for (Map<String, Long> given : sizes) {
      List<OnnxValue> inputs =
          module.randomInputs(given, new Generator(1)).stream().map(OnnxValue::of).toList();
      Torch.noGrad(
          () ->
              module.run(
                  inputs,
                  new Run(
                      file + "",
                      false,
                      (call, results) -> {
                        List<String> outputs = call.node().outputs();
                        for (int i = 0; i < outputs.size(); i++) {
                          Integer slot = module.block().names.get(outputs.get(i));
                          if (slot != null && slot == call.slot(i)) {
                            values[0]++;
                            check(
                                call,
                                outputs.get(i),
                                found.values().get(outputs.get(i)),
                                results[i],
                                given,
                                unknown);
                          }
                        }
                      })));
    }
    System.out.printf("%s: %d values, %.0f ms%n", file.getFileName(), values[0], seconds * 1e3);
    assertTrue(values[0] > 10);
    assertEquals(Set.of(), unknown);
  }

  private static void check(
      Call call,
      String name,
      Known known,
      OnnxValue real,
      Map<String, Long> given,
      TreeSet<String> unknown) {
    if (!(real instanceof OnnxValue.Numbers n)) {
      return;
    }
    String where =
        call.node().describe()
            + " '"
            + name
            + "': "
            + known.type().describe()
            + " against "
            + real.describe()
            + " for "
            + given;
    if (!(known.type() instanceof ValueType.Dense d) || d.type().isEmpty() || d.sizes().isEmpty()) {
      unknown.add(name + " " + known.type().describe());
      return;
    }
    assertEquals(n.type(), d.type().get(), where);
    List<Size> sizes = d.sizes().get();
    assertEquals(n.tensor().dim(), sizes.size(), where);
    for (int i = 0; i < sizes.size(); i++) {
      TreeSet<String> names = new TreeSet<>();
      sizes.get(i).names(names);
      if (given.keySet().containsAll(names)) {
        assertEquals(n.tensor().size(i), sizes.get(i).at(given), where);
      } else {
        unknown.add(call.node().type() + " " + name + " " + known.type().describe());
      }
    }
  }

  @Test
  void miniLm() throws Exception {
    compare(
        TestData.miniLm(),
        new String[0],
        List.of(
            Map.of("batch_size", 2L, "sequence_length", 9L),
            Map.of("batch_size", 3L, "sequence_length", 5L)));
  }

  @Test
  void yolox() throws Exception {
    compare(
        TestData.model("onnx/yolox_nano.onnx"),
        new String[] {"images:2=h", "images:3=w", "images:0=n"},
        List.of(Map.of("n", 1L, "h", 416L, "w", 416L), Map.of("n", 2L, "h", 320L, "w", 256L)));
  }

  @Test
  void faceDetector() throws Exception {
    compare(
        TestData.model("onnx/face_version-RFB-320.onnx"),
        new String[] {"input:0=n"},
        List.of(Map.of("n", 1L), Map.of("n", 2L)));
  }

  @Test
  void squeezeNet() throws Exception {
    compare(
        TestData.model("SqueezeNet_fp16.onnx"),
        new String[] {"data_0:0=n", "data_0:2=h", "data_0:3=w"},
        List.of(Map.of("n", 1L, "h", 224L, "w", 224L), Map.of("n", 2L, "h", 199L, "w", 250L)));
  }

  @Test
  void mnist() throws Exception {
    compare(
        TestData.model("onnx/mnist_pytorch.onnx"),
        new String[] {"input.1:0=n"},
        List.of(Map.of("n", 1L), Map.of("n", 4L)));
    compare(TestData.model("mnist.onnx"), new String[] {}, List.of(Map.of()));
  }

  @Test
  void silero() throws Exception {
    compare(
        TestData.model("audio/silero_vad_16k_op15.onnx"),
        new String[] {"input:1=512"},
        List.of(Map.of("batch", 1L), Map.of("batch", 3L)));
  }
}
