package dev.flambeau.tutorials;

import dev.flambeau.onnx.OnnxModule;
import dev.flambeau.text.SentenceEmbeddings;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.nn.Linear;
import dev.flambeau.torch.nn.Module;
import java.util.Map;

/** An imported text encoder with a new head that tells two kinds of texts apart. */
final class SpamFilter extends Module {
  final OnnxModule encoder;
  final Linear head = new Linear(384, 2);

  SpamFilter(OnnxModule encoder) {
    this.encoder = encoder;
  }

  /** Token numbers and mask, N x L each, to scores, N x 2. */
  Tensor forward(Tensor ids, Tensor mask) {
    Map<String, Tensor> inputs =
        Map.of("input_ids", ids, "attention_mask", mask, "token_type_ids", ids.zerosLike());
    Tensor hidden = encoder.forward(inputs).get("last_hidden_state");
    return head.call(SentenceEmbeddings.meanPool(hidden, mask));
  }
}
