package dev.flambeau.torch.nn;

import dev.flambeau.torch.Generator;
import dev.flambeau.torch.Tensor;
import java.util.Iterator;
import java.util.function.Supplier;

/** Modules with the same numbers as others. */
final class Clones {
  private Clones() {}

  /** What {@code same} makes, with the original's numbers; drawing none that others miss. */
  static <M extends Module> M of(M original, Supplier<M> same) {
    Generator generator = Generator.getDefault();
    Tensor state = generator.state();
    M copy;
    try {
      copy = same.get();
    } finally {
      generator.setState(state);
    }
    Iterator<Tensor> parameters = original.parameters().iterator();
    for (Tensor p : copy.parameters()) {
      Tensor from = parameters.next();
      p.setData(from.detach().copy());
      p.requiresGrad(from.requiresGrad());
    }
    copy.train(original.isTraining());
    return copy;
  }
}
