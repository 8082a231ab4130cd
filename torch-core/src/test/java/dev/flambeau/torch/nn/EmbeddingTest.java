package dev.flambeau.torch.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import org.junit.jupiter.api.Test;

class EmbeddingTest {
  @Test
  void gradientsAreDividedByFrequencyIfAsked() {
    Embedding embedding = new Embedding(3, 1, o -> o.scaleGradByFrequency(true));
    Tensor indices = Torch.tensor(new long[] {0, 1, 0, 0});
    Tensor rows = embedding.forward(indices);
    assertArrayEquals(
        embedding.weight.detach().indexSelect(0, indices).toDoubleArray(),
        rows.detach().toDoubleArray());
    rows.sum().backward();
    assertArrayEquals(
        new double[] {1, 1, 0}, embedding.weight.grad().orElseThrow().toDoubleArray(), 1e-6);
  }

  @Test
  void pretrainedVectorsAreTrainedOnlyIfAsked() {
    Tensor vectors = Torch.arange(6).to(DType.F32).reshape(3, 2);
    Embedding frozen = Embedding.fromPretrained(vectors, true, o -> o.paddingIndex(-1));
    assertFalse(frozen.weight.requiresGrad());
    assertEquals("Embedding(3, 2, padding_idx=2)", frozen.toString());
    Tensor found = frozen.forward(Torch.tensor(new long[] {2}));
    assertArrayEquals(new double[] {4, 5}, found.toDoubleArray(), "rows stay as they are given");
    Embedding trained = Embedding.fromPretrained(vectors.copy(), false, _ -> {});
    assertEquals(1, trained.parameters().stream().filter(Tensor::requiresGrad).count());
    assertThrows(
        TorchException.class, () -> Embedding.fromPretrained(Torch.ones(3), true, _ -> {}));
  }
}
