package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import java.util.List;

/** What is done after a module has run; see {@link Module#registerForwardHook}. */
@FunctionalInterface
public interface ForwardHook {
  /** The outputs the caller gets: these or others. */
  List<Tensor> after(Module module, List<Tensor> inputs, List<Tensor> outputs);
}
