package dev.flambeau.torch.backend.cpu;

import dev.flambeau.torch.DeviceMemory;
import dev.flambeau.torch.Storage;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.backend.Backend;
import dev.flambeau.torch.backend.Kernels;
import dev.flambeau.torch.backend.cpu.onednn.OneDnn;
import dev.flambeau.torch.op.Pointwise;
import dev.flambeau.torch.op.Reduction;
import dev.flambeau.torch.op.Structured;

/** The CPU: kernels in Java, and native ones where they are faster and can be loaded. */
public final class CpuBackend implements Backend {
  private final Kernels kernels = new Kernels();
  private final CpuAllocator allocator = CpuAllocator.configured();

  public CpuBackend() {
    BlasKernels.register(kernels, this::allocate);
    AttentionKernels.register(kernels, this::allocate);
    WinogradKernels.register(kernels, this::allocate);
    LayerNormKernels.register(kernels, this::allocate);
    FewRowsKernels.register(kernels);
    OneDnn.register(kernels);
    MovementKernels.register(kernels);
    ViewKernels.register(kernels);
    IndexKernels.register(kernels);
    IndexTensorKernels.register(kernels);
    ScatterKernels.register(kernels);
    ResampleKernels.register(kernels, this::allocate);
    SortKernels.register(kernels);
    FourierKernels.register(kernels);
    LinearKernels.register(kernels);
    ConvKernels.register(kernels);
    PoolKernels.register(kernels);
    NormKernels.register(kernels);
    ScanKernels.register(kernels);
    CtcKernels.register(kernels);
    LapackKernels.register(kernels);
    QuantizeKernels.register(kernels);
    IntKernels.register(kernels);
  }

  @Override
  public Storage allocate(long bytes) {
    return allocator.allocate(bytes);
  }

  @Override
  public DeviceMemory memory() {
    return allocator;
  }

  @Override
  public void pointwise(Pointwise op, Tensor[] inputs, Tensor[] outputs) {
    PointwiseKernels.run(op, inputs, outputs);
  }

  @Override
  public void pointwiseEach(Pointwise op, Tensor[][] inputs, double[] numbers, Tensor[][] outputs) {
    PointwiseSets.run(op, inputs, numbers, outputs);
  }

  @Override
  public void reduce(Reduction op, Tensor input, Tensor[] outputs) {
    ReduceKernels.run(op, input, outputs);
  }

  @Override
  public boolean structured(Structured op, Tensor[] inputs, Tensor[] outputs) {
    return kernels.run(op, inputs, outputs);
  }
}
