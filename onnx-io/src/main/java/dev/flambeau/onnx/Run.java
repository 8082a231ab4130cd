package dev.flambeau.onnx;

import dev.flambeau.torch.Mode;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/** One execution of a module: its behaviour, and how much it has done so far. */
final class Run {
  private final String file;
  private final boolean training;
  private final BiConsumer<Call, OnnxValue[]> watcher;
  private final Map<Tensor, Tensor> straight = new IdentityHashMap<>();
  private long left = Limits.executions();
  private long heap = Limits.heap();
  private boolean joins;

  Run(String file, boolean training) {
    this(file, training, (_, _) -> {});
    joins = !training;
  }

  /**
   * @param watcher sees every step's results
   */
  Run(String file, boolean training, BiConsumer<Call, OnnxValue[]> watcher) {
    this.file = file;
    this.training = training;
    this.watcher = watcher;
  }

  void watch(Call call, OnnxValue[] results) {
    watcher.accept(call, results);
  }

  /** Lets every step run as it is, so that gradients pass through each. */
  Run apart() {
    joins = false;
    return this;
  }

  /** Whether steps may run joined: nobody trains, sees values in between or writes them down. */
  boolean joins() {
    return joins && !(Mode.current().capture() instanceof ExportTape);
  }

  /** Notes that integers stand for these floats, through which gradients pass. */
  void straight(Tensor integers, Tensor floats) {
    straight.put(integers, floats);
  }

  Optional<Tensor> straight(Tensor integers) {
    return Optional.ofNullable(straight.get(integers));
  }

  String file() {
    return file;
  }

  boolean training() {
    return training;
  }

  /** Notes what a value takes beside tensors' memory, which has a limit of its own. */
  void heap(long bytes) {
    heap -= bytes;
    if (heap < 0 || bytes < 0) {
      throw TorchException.format(
          file,
          "more than "
              + Limits.heap()
              + " bytes of strings, sequences and maps (property "
              + Limits.HEAP
              + ")");
    }
  }

  /** Notes that a node runs; a loop without end is an error. */
  void count() {
    if (--left < 0) {
      throw TorchException.format(
          file,
          "more than "
              + Limits.executions()
              + " nodes executed (property "
              + Limits.EXECUTIONS
              + "): a loop without end?");
    }
  }
}
