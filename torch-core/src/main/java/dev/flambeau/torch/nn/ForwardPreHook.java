package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import java.util.List;

/** What is done before a module runs; see {@link Module#registerForwardPreHook}. */
@FunctionalInterface
public interface ForwardPreHook {
  /** The inputs the module is to work on: these or others. */
  List<Tensor> before(Module module, List<Tensor> inputs);
}
