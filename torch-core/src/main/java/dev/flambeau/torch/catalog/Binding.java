package dev.flambeau.torch.catalog;

import dev.flambeau.torch.Tensor;
import java.util.List;

/** A call of PyTorch said in Java. */
@FunctionalInterface
public interface Binding {
  /** All outputs in PyTorch's order; numbers as 0-d tensors. */
  List<Tensor> call(Arguments arguments);

  /** A binding with one output. */
  @FunctionalInterface
  interface Single {
    Tensor call(Arguments arguments);
  }
}
