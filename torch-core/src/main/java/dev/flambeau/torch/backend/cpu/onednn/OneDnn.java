package dev.flambeau.torch.backend.cpu.onednn;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Layout;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.backend.Kernels;
import java.util.Optional;
import org.slf4j.LoggerFactory;

/** Registers oneDNN's kernels; where the library is missing, says once what to add. */
public final class OneDnn {
  private OneDnn() {}

  /** To be called before the plain Java kernels are registered. */
  public static void register(Kernels kernels) {
    Optional<String> missing = Dnnl.missing();
    if (missing.isPresent()) {
      LoggerFactory.getLogger(OneDnn.class)
          .info(
              "oneDNN is not used ({}); plain Java kernels run instead. It needs"
                  + " org.bytedeco:dnnl-platform on the class path and"
                  + " --enable-native-access=ALL-UNNAMED",
              missing.get());
      return;
    }
    Convolutions.register(kernels);
    FusedKernels.register(kernels);
    Norms.register(kernels);
    MatrixProducts.register(kernels);
    Pools.register(kernels);
    MaxPools.register(kernels);
    IntProducts.register(kernels);
  }

  /** Why oneDNN is not used; empty if it is. */
  public static Optional<String> missing() {
    return Dnnl.missing();
  }

  /** F32, BF16 or F16, all the same, and nothing empty. */
  static boolean accepts(Tensor[] inputs, Tensor[] outputs) {
    DType type = inputs[0].dtype();
    if (!type.isFloat() || Dnnl.type(type) == 0) {
      return false;
    }
    for (Tensor t : inputs) {
      if (t.numel() == 0 || t.dtype() != type) {
        return false;
      }
    }
    return outputs[0].numel() > 0;
  }

  /** The strides of the order a 4-d activation has, whatever those of axes of size 1 are. */
  static long caller(Meta meta) {
    Layout layout = meta.layout();
    if (layout.isChannelsLast()) {
      return Dnnl.descriptor(meta.dtype(), Layout.channelsLast(layout.shape()));
    }
    if (layout.isContiguous()) {
      return Dnnl.descriptor(meta.dtype(), Layout.contiguous(layout.shape()));
    }
    return Dnnl.descriptor(meta.dtype(), layout);
  }

  /** Channels-last where that is defined, else row-major. */
  static long activation(Meta meta) {
    Layout layout =
        meta.rank() == 4 ? Layout.channelsLast(meta.shape()) : Layout.contiguous(meta.shape());
    return Dnnl.descriptor(meta.dtype(), layout);
  }

  /** An attribute object that lets callers provide scratch memory. */
  static long attributes() {
    long attributes = Dnnl.create("dnnl_primitive_attr_create");
    Dnnl.call("dnnl_primitive_attr_set_scratchpad_mode", attributes, 1);
    return attributes;
  }

  static void free(String kind, long... handles) {
    for (long handle : handles) {
      if (handle != 0) {
        Dnnl.call("dnnl_" + kind + "_destroy", handle);
      }
    }
  }
}
