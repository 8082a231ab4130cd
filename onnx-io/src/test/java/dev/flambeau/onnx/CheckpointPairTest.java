package dev.flambeau.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.serialize.PyTorchFile;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** One trained network as PyTorch's checkpoint and as an ONNX file. */
class CheckpointPairTest {
  /** The face detector: the same names and, to the bit, the same numbers in both. */
  @Test
  void faceDetectorsWeightsAreTheSame() throws Exception {
    Path onnx = TestData.model("onnx/face_version-RFB-320.onnx");
    Map<String, Tensor> checkpoint =
        new TreeMap<>(PyTorchFile.stateDict(TestData.model("pt/face_version-RFB-320.pth")));
    checkpoint.keySet().removeIf(name -> name.endsWith("num_batches_tracked"));
    OnnxModule module = Onnx.load(onnx);
    Map<String, Tensor> imported = new TreeMap<>(module.stateDict());
    imported.keySet().retainAll(checkpoint.keySet());
    assertEquals(new TreeSet<>(checkpoint.keySet()), imported.keySet());
    checkpoint.forEach(
        (name, tensor) -> {
          assertEquals(tensor.shape(), imported.get(name).shape(), name);
          assertArrayEquals(tensor.toFloatArray(), imported.get(name).toFloatArray(), name);
        });
    Tensor image = TestData.waves(1, 3, 240, 320);
    float[] before = Torch.noGrad(() -> module.forward(image)).toFloatArray();
    Torch.noGrad(() -> module.parameters().forEach(p -> p.mul_(0.5)));
    assertNotEquals(before[0], Torch.noGrad(() -> module.forward(image)).toFloatArray()[0]);
    module.loadStateDict(checkpoint, false);
    assertArrayEquals(before, Torch.noGrad(() -> module.forward(image)).toFloatArray());
  }
}
