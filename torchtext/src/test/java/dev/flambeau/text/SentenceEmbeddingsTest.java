package dev.flambeau.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import org.junit.jupiter.api.Test;

class SentenceEmbeddingsTest {
  @Test
  void paddingDoesNotCount() {
    Tensor hidden = Torch.tensor(new float[] {1, 2, 3, 6, 100, 100, 5, 7, 9, 9, 9, 9}, 2, 3, 2);
    Tensor mask = Torch.tensor(new long[] {1, 1, 0, 1, 0, 0}, 2, 3);
    Tensor pooled = SentenceEmbeddings.meanPool(hidden, mask);
    assertArrayEquals(new float[] {2, 4, 5, 7}, pooled.toFloatArray());
    Tensor nothing = SentenceEmbeddings.meanPool(hidden, mask.zerosLike());
    assertArrayEquals(new float[4], nothing.toFloatArray());
  }

  @Test
  void cosineOfRows() {
    Tensor a = Torch.tensor(new float[] {3, 4, 0, 0}, 2, 2);
    Tensor b = Torch.tensor(new float[] {6, 8, -4, 3, -3, -4}, 3, 2);
    float[] got = SentenceEmbeddings.cosineSimilarity(a, b).toFloatArray();
    assertArrayEquals(new float[] {1, 0, -1, 0, 0, 0}, got, 1e-6f);
    assertEquals(1, SentenceEmbeddings.normalize(b).square().sum(1).at(1), 1e-6);
  }

  @Test
  void wrongShapes() {
    assertThrows(
        TorchException.ShapeError.class,
        () -> SentenceEmbeddings.meanPool(Torch.zeros(2, 3, 4), Torch.zeros(2, 4)));
    assertThrows(
        TorchException.ShapeError.class,
        () -> SentenceEmbeddings.cosineSimilarity(Torch.zeros(2, 3), Torch.zeros(2, 4)));
  }
}
