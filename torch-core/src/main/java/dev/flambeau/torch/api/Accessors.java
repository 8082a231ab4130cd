package dev.flambeau.torch.api;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Layout;
import dev.flambeau.torch.Mode;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.backend.Memory;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;

/** Reading a tensor's elements into Java. */
public sealed interface Accessors extends Self permits Tensor {
  /**
   * The only element, as a double.
   *
   * @throws TorchException if there is not exactly one element
   */
  default double item() {
    return Memory.real(self().dtype(), onlyElement());
  }

  /** The only element, as a long; exact for integers. */
  default long itemLong() {
    return Memory.integer(self().dtype(), onlyElement());
  }

  private long onlyElement() {
    if (self().numel() != 1) {
      throw TorchException.shape("item", "input", self().shape(), "exactly one element");
    }
    Mode.reading(self(), "item");
    return self().address();
  }

  /** All elements in row-major order, converted to float. */
  default float[] toFloatArray() {
    Mode.reading(self(), "toFloatArray");
    Tensor t = self().detach().to(DType.F32).contiguous();
    float[] out = new float[arrayLength()];
    MemorySegment.copy(Memory.ALL, Memory.FLOAT, t.address(), out, 0, out.length);
    Reference.reachabilityFence(t);
    return out;
  }

  /** All elements in row-major order, converted to double. */
  default double[] toDoubleArray() {
    Mode.reading(self(), "toDoubleArray");
    Tensor t = self().detach().to(DType.F64).contiguous();
    double[] out = new double[arrayLength()];
    MemorySegment.copy(Memory.ALL, Memory.DOUBLE, t.address(), out, 0, out.length);
    Reference.reachabilityFence(t);
    return out;
  }

  /** All elements in row-major order, converted to long. */
  default long[] toLongArray() {
    Mode.reading(self(), "toLongArray");
    Tensor t = self().detach().to(DType.I64).contiguous();
    long[] out = new long[arrayLength()];
    MemorySegment.copy(Memory.ALL, Memory.LONG, t.address(), out, 0, out.length);
    Reference.reachabilityFence(t);
    return out;
  }

  /**
   * All elements in row-major order as they lie in memory; U8, I8 and bool tensors only.
   *
   * @throws TorchException for other types
   */
  default byte[] toByteArray() {
    if (self().dtype().bytes() != 1) {
      throw TorchException.type("toByteArray", "input", self().dtype(), "U8, I8 or BOOL");
    }
    Mode.reading(self(), "toByteArray");
    Tensor t = self().detach().contiguous();
    byte[] out = new byte[arrayLength()];
    MemorySegment.copy(Memory.ALL, Memory.BYTE, t.address(), out, 0, out.length);
    Reference.reachabilityFence(t);
    return out;
  }

  private int arrayLength() {
    // Before room is made: a tensor without data may be of any size.
    self().address();
    long n = self().numel();
    if (n > Integer.MAX_VALUE - 8) {
      throw TorchException.shape("toArray", "input", self().shape(), "at most 2^31-9 elements");
    }
    return (int) n;
  }

  /** The element at an index, as a double; negative indices count from the end. */
  default double at(long... index) {
    Layout layout = self().layout();
    if (index.length != layout.rank()) {
      throw TorchException.shape(
          "at", "index", index.length + " numbers", layout.rank() + " numbers");
    }
    long offset = 0;
    for (int i = 0; i < index.length; i++) {
      offset += Indexing.checkIndex("at", index[i], layout.size(i)) * layout.stride(i);
    }
    Mode.reading(self(), "at");
    return Memory.real(self().dtype(), self().address() + offset * self().dtype().bytes());
  }
}
