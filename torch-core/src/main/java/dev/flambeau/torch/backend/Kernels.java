package dev.flambeau.torch.backend;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.op.Structured;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A backend's kernels by operator class, the preferred first. Filled once, then only read. */
public final class Kernels {
  private record Entry<O extends Structured>(Kernel.Support<O> support, Kernel<O> kernel) {}

  private final Map<Class<?>, List<Entry<?>>> entries = new HashMap<>();

  /** Without kernels. */
  public Kernels() {}

  /** A kernel for all inputs of an operator. */
  public <O extends Structured> void register(Class<O> op, Kernel<O> kernel) {
    register(op, (_, _, _) -> true, kernel);
  }

  /** A kernel for the inputs {@code support} accepts, after those registered before. */
  public <O extends Structured> void register(
      Class<O> op, Kernel.Support<O> support, Kernel<O> kernel) {
    entries.computeIfAbsent(op, _ -> new ArrayList<>()).add(new Entry<>(support, kernel));
  }

  /** Runs the first kernel that accepts; false if none does. */
  @SuppressWarnings("unchecked") // entries of a class are registered with that class
  public <O extends Structured> boolean run(O op, Tensor[] inputs, Tensor[] outputs) {
    List<Entry<?>> list = entries.get(op.getClass());
    if (list == null) {
      return false;
    }
    for (Entry<?> e : list) {
      Entry<O> entry = (Entry<O>) e;
      if (entry.support.accepts(op, inputs, outputs)) {
        entry.kernel.run(op, inputs, outputs);
        return true;
      }
    }
    return false;
  }
}
