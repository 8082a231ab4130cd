package dev.flambeau.bench;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.nn.Conv2d;
import dev.flambeau.torch.nn.Linear;
import dev.flambeau.torch.nn.Module;
import dev.flambeau.torch.nn.TransformerEncoder;
import java.util.List;

/** ViT-S/16 (Dosovitskiy et al. 2021; Touvron et al. 2021): (N, 3, 224, 224) to (N, 1000). */
final class VisionTransformer extends Module {
  private static final int SIZE = LibtorchTransformer.SIZE;

  final Tensor classToken = parameter(Torch.zeros(1, 1, SIZE));
  final Tensor posEmbedding = parameter(Torch.zeros(1, 197, SIZE));
  final Conv2d patches = new Conv2d(3, SIZE, 16, o -> o.stride(16));
  final TransformerEncoder encoder = TextClassifier.encoder(12, 1e-6);
  final Linear head = new Linear(SIZE, Input.PICTURES.classes);

  @Override
  public Tensor forward(Tensor x) {
    Tensor rows = patches.call(x).flatten(2).transpose(1, 2);
    Tensor all = Torch.cat(List.of(classToken.expand(x.size(0), 1, SIZE), rows), 1);
    return head.call(encoder.call(all.add(posEmbedding)).select(1, 0));
  }
}
