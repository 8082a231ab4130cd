package dev.flambeau.torch.backend.cpu.onednn;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Layout;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.backend.Kernels;
import dev.flambeau.torch.backend.Memory;
import dev.flambeau.torch.op.BatchNorm;
import dev.flambeau.torch.op.Op;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.Arrays;
import java.util.Optional;

/** Batch normalization and its gradient in F32, and what layer normalization shares with it. */
final class Norms {
  static final int TRAINING = 64;
  private static final int INFERENCE = 96;
  static final int BACKWARD = 128;
  private static final int GLOBAL = 1;
  static final int AFFINE = 2 | 4;
  private static final int RELU = 8;
  private static final int WORKSPACE = 64;
  private static final int WORKSPACE_QUERY = 135;
  static final int SRC = 1;
  static final int DST = 17;
  static final int MEAN = 49;
  static final int VARIANCE = 50;
  static final int SCALE = 51;
  static final int SHIFT = 52;
  static final int DIFF_SRC = 129;
  static final int DIFF_DST = 145;
  static final int DIFF_SCALE = 255;
  static final int DIFF_SHIFT = 256;

  private Norms() {}

  static void register(Kernels kernels) {
    kernels.register(
        BatchNorm.class,
        (_, in, out) -> in.length == 3 && suitsBatch(in, out, in[0]),
        (op, in, out) -> {
          Plan plan = batch(op, op.eps(), TRAINING, flags(op.relu()), in, out);
          plan.run(addresses(in[0], in[1], in[2], out[0], out[1], out[2]));
          variancesToInverse(out[2], op.eps());
        });
    kernels.register(
        BatchNorm.Eval.class,
        (_, in, out) -> suits(in, out, in[0]),
        (op, in, out) -> {
          Plan plan = batch(op, op.eps(), INFERENCE, AFFINE | GLOBAL, in, out);
          plan.run(addresses(in[0], in[3], in[4], out[0], in[1], in[2]));
        });
    kernels.register(
        BatchNorm.Backward.class,
        (op, in, out) -> in.length == (op.relu() ? 6 : 5) && suitsBatch(in, out, in[1]),
        (op, in, out) -> {
          MemorySegment variance = variances(in[3], op.eps());
          long[] addresses = addresses(in[0], in[1], in[4], in[2], in[3], out[0], out[1], out[2]);
          addresses[4] = variance.address();
          Plan plan = batchBackward(op, in, out);
          if (op.relu()) {
            try (Arena arena = Arena.ofShared()) {
              addresses = Arrays.copyOf(addresses, addresses.length + 1);
              addresses[8] = ReluMask.of(in[5], plan.bytes(8), arena).address();
              plan.run(addresses);
            }
          } else {
            plan.run(addresses);
          }
          Reference.reachabilityFence(variance);
        });
    LayerNorms.register(kernels);
  }

  private static int flags(boolean relu) {
    return relu ? AFFINE | RELU : AFFINE;
  }

  /** BF16 with numbers for the channels in F32, too. */
  private static boolean suitsBatch(Tensor[] in, Tensor[] out, Tensor x) {
    if (x.dtype() != DType.BF16) {
      return suits(in, out, x);
    }
    boolean mixed = x.dim() >= 2 && x.dim() <= 5 && x.numel() > 0;
    for (Tensor[] tensors : new Tensor[][] {in, out}) {
      for (Tensor t : tensors) {
        boolean channel = t.dim() == 1;
        mixed &= t.dtype() == (channel ? DType.F32 : DType.BF16) && (!channel || t.isContiguous());
      }
    }
    Layout y = out[0].layout();
    return mixed && (y.isChannelsLast() || y.isContiguous());
  }

  static boolean suits(Tensor[] in, Tensor[] out, Tensor x) {
    boolean plain = x.dim() >= 2 && x.dim() <= 5 && x.dtype() == DType.F32;
    for (Tensor t : in) {
      plain &= t.dim() != 1 || t.isContiguous();
    }
    Layout y = out[0].layout();
    return plain && OneDnn.accepts(in, out) && (y.isChannelsLast() || y.isContiguous());
  }

  static long[] addresses(Tensor... tensors) {
    long[] addresses = new long[tensors.length];
    for (int i = 0; i < addresses.length; i++) {
      addresses[i] = tensors[i].address();
    }
    return addresses;
  }

  /** Turns each variance into 1 / sqrt(variance + eps), in place. */
  static void variancesToInverse(Tensor t, double eps) {
    long address = t.address();
    for (long i = 0; i < t.numel(); i++) {
      long at = address + i * Float.BYTES;
      double variance = Memory.ALL.get(Memory.FLOAT, at);
      Memory.ALL.set(Memory.FLOAT, at, (float) (1 / Math.sqrt(variance + eps)));
    }
  }

  /** The variances again; what they lose to eps does not count beside it. */
  static MemorySegment variances(Tensor inverse, double eps) {
    long count = inverse.numel();
    MemorySegment out = Arena.ofAuto().allocate(count * Float.BYTES, 64);
    long address = inverse.address();
    for (long i = 0; i < count; i++) {
      double value = Memory.ALL.get(Memory.FLOAT, address + i * Float.BYTES);
      out.set(Memory.FLOAT, i * Float.BYTES, (float) (1 / (value * value) - eps));
    }
    return out;
  }

  static long vector(Tensor t) {
    return Dnnl.descriptor(DType.F32, Layout.contiguous(Shape.of(t.numel())));
  }

  private static Plan batch(Op op, double eps, int kind, int flags, Tensor[] in, Tensor[] out) {
    return Plans.find(
            op,
            in,
            out,
            () -> {
              long y = OneDnn.caller(out[0].meta());
              long pd = batchForward(y, kind, eps, flags);
              boolean given = (flags & GLOBAL) != 0;
              return Optional.of(
                  new Plan(pd)
                      .argument(SRC, OneDnn.caller(in[0].meta()), Dnnl.query(pd, 129), false)
                      .argument(SCALE, vector(in[1]), 0, false)
                      .argument(SHIFT, vector(in[1]), 0, false)
                      .argument(DST, y, 0, true)
                      .argument(MEAN, vector(in[1]), 0, !given)
                      .argument(VARIANCE, vector(in[1]), 0, !given)
                      .internal(WORKSPACE, Dnnl.query(pd, WORKSPACE_QUERY))
                      .ready());
            })
        .orElseThrow();
  }

  private static long batchForward(long descriptor, int kind, double eps, int flags) {
    long attributes = OneDnn.attributes();
    long pd =
        Dnnl.create(
            "dnnl_batch_normalization_forward_primitive_desc_create",
            Dnnl.ENGINE,
            kind,
            descriptor,
            descriptor,
            (float) eps,
            flags,
            attributes);
    OneDnn.free("primitive_attr", attributes);
    return pd;
  }

  private static Plan batchBackward(BatchNorm.Backward op, Tensor[] in, Tensor[] out) {
    return Plans.find(
            op,
            in,
            out,
            () -> {
              long x = OneDnn.caller(out[0].meta());
              int flags = flags(op.relu());
              long hint = batchForward(x, TRAINING, op.eps(), flags);
              long attributes = OneDnn.attributes();
              long pd =
                  Dnnl.create(
                      "dnnl_batch_normalization_backward_primitive_desc_create",
                      Dnnl.ENGINE,
                      BACKWARD,
                      x,
                      x,
                      x,
                      (float) op.eps(),
                      flags,
                      hint,
                      attributes);
              OneDnn.free("primitive_attr", attributes);
              OneDnn.free("primitive_desc", hint);
              Plan plan = gradients(new Plan(pd), pd, x, in, in[4]);
              if (op.relu()) {
                long mask = Dnnl.query(pd, WORKSPACE_QUERY);
                plan.argument(WORKSPACE, Dnnl.create("dnnl_memory_desc_clone", mask), 0, false);
              }
              return Optional.of(plan.ready());
            })
        .orElseThrow();
  }

  private static Plan gradients(Plan plan, long pd, long x, Tensor[] in, Tensor weight) {
    return plan.argument(DIFF_DST, OneDnn.caller(in[0].meta()), Dnnl.query(pd, 134), false)
        .argument(SRC, OneDnn.caller(in[1].meta()), Dnnl.query(pd, 129), false)
        .argument(SCALE, vector(weight), 0, false)
        .argument(MEAN, vector(in[2]), 0, false)
        .argument(VARIANCE, vector(in[3]), 0, false)
        .argument(DIFF_SRC, x, Dnnl.query(pd, 130), true)
        .argument(DIFF_SCALE, vector(weight), 0, true)
        .argument(DIFF_SHIFT, vector(weight), 0, true);
  }
}
