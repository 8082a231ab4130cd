package dev.flambeau.torch.backend.cpu.onednn;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Layout;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.backend.Kernels;
import dev.flambeau.torch.backend.Memory;
import dev.flambeau.torch.op.IntConv;
import dev.flambeau.torch.op.IntMatMul;
import dev.flambeau.torch.op.Rescaled;
import dev.flambeau.torch.op.Structured;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.Arrays;
import java.util.Optional;

/**
 * Products of 8-bit integers with sums in 32 bits, zero points as oneDNN's attributes, and what
 * {@link Rescaled} does to the sums as its scales and post-ops. Only on processors with VNNI: the
 * instructions of older ones add pairs of products in 16 bits, which saturate. A weight of U8 is
 * brought to I8, which is the only type that oneDNN multiplies fast, and its zero point with it.
 */
final class IntProducts {
  private static final int SRC = 1;
  private static final int DST = 17;
  private static final int WEIGHTS = 33;
  private static final int BIAS = 41;
  private static final int SCALES = 4096;
  private static final int ZERO_POINTS = 8192;
  private static final int RELU = 0x20;
  private static final int CLIP = 0x2e;
  private static final int ROUND = 0x32;
  private static final int INFERENCE = 96;

  /** The bits of AVX2 and AVX-512 with VNNI in oneDNN's names of instruction sets. */
  private static final long VNNI = 0x48;

  private static final int HALF = 128;

  /** Which factors have a zero point; a part of a plan's key. */
  private record Zeros(boolean first, boolean second) {}

  private IntProducts() {}

  static void register(Kernels kernels) {
    if ((Dnnl.get("dnnl_get_effective_cpu_isa") & VNNI) == 0) {
      return;
    }
    kernels.register(IntMatMul.class, IntProducts::accepts, IntProducts::run);
    kernels.register(IntConv.class, IntProducts::accepts, IntProducts::run);
    kernels.register(Rescaled.class, IntProducts::accepts, IntProducts::run);
  }

  private static Structured base(Structured op) {
    return op instanceof Rescaled r ? r.base() : op;
  }

  private static boolean accepts(Structured op, Tensor[] in, Tensor[] out) {
    for (int i = 0; i < in.length; i++) {
      if (in[i].numel() == 0 || i > 1 && !in[i].isContiguous()) {
        return false;
      }
    }
    boolean matrices = base(op) instanceof IntMatMul;
    Zeros zeros = zeros(in);
    // Of zero points of columns oneDNN 3.11 takes the first for all; convolutions take none.
    boolean weight = !zeros.second || matrices && in[3].numel() == 1;
    boolean fits = in[2].numel() == 1 && weight;
    if (op instanceof Rescaled) {
      Tensor scale = in[Rescaled.FACTORS];
      long columns = out[0].size(matrices ? -1 : 1);
      fits &= scale.numel() == 1 || scale.dim() == 1 && scale.numel() == columns;
    }
    return fits && out[0].numel() > 0 && out[0].dim() <= 12 && plan(op, zeros, in, out).isPresent();
  }

  private static int at(Tensor zero, long i) {
    return Memory.ALL.get(Memory.INT, zero.address() + i * Integer.BYTES);
  }

  private static Zeros zeros(Tensor[] in) {
    int centre = in[1].dtype() == DType.U8 ? HALF : 0;
    boolean second = false;
    for (long i = 0; i < in[3].numel(); i++) {
      second |= at(in[3], i) != centre;
    }
    return new Zeros(at(in[2], 0) != 0, second);
  }

  private static void run(Structured op, Tensor[] in, Tensor[] out) {
    Zeros zeros = zeros(in);
    Plan plan = plan(op, zeros, in, out).orElseThrow();
    boolean rescaled = op instanceof Rescaled;
    try (Arena arena = Arena.ofConfined()) {
      boolean constant = !(base(op) instanceof IntMatMul m) || m.weight();
      boolean packs = constant && plan.copies(1);
      Tensor weight = in[1];
      long packed = packs ? PackedWeights.of(weight, plan, 1, t -> signed(t, arena)) : 0;
      long[] addresses = new long[in.length + 4];
      int n = 0;
      addresses[n++] = in[0].address();
      addresses[n++] = packs ? 0 : signed(weight, arena);
      if (rescaled && ((Rescaled) op).bias()) {
        addresses[n++] = in[Rescaled.FACTORS + 1].address();
      }
      addresses[n++] = out[0].address();
      if (rescaled) {
        addresses[n++] = in[Rescaled.FACTORS].address();
      }
      if (zeros.first) {
        addresses[n++] = in[2].address();
      }
      if (zeros.second) {
        addresses[n++] = signedZeros(in, arena);
      }
      if (rescaled && ((Rescaled) op).rounds()) {
        addresses[n++] = in[in.length - 1].address();
      }
      plan.run(packs ? 1 : -1, packed, Arrays.copyOf(addresses, n));
    }
    Reference.reachabilityFence(in);
  }

  /** The order of the weight as oneDNN is told: as it lies, or row-major in the copy of another. */
  private static Layout order(Meta weight) {
    return weight.dtype() == DType.I8 || weight.layout().isDense()
        ? weight.layout()
        : Layout.contiguous(weight.shape());
  }

  /**
   * Where the weight lies as I8 in {@link #order}: itself, or a copy with the sign bits flipped.
   */
  private static long signed(Tensor weight, Arena arena) {
    if (weight.dtype() == DType.I8) {
      return weight.address();
    }
    Tensor dense = weight.layout().isDense() ? weight : weight.contiguous();
    MemorySegment from = Memory.part(dense.address(), dense.numel());
    MemorySegment to = arena.allocate(dense.numel(), 64);
    long words = dense.numel() / Long.BYTES;
    for (long i = 0; i < words; i++) {
      long word = from.get(Memory.LONG, i * Long.BYTES);
      to.set(Memory.LONG, i * Long.BYTES, word ^ 0x8080808080808080L);
    }
    for (long i = words * Long.BYTES; i < dense.numel(); i++) {
      to.set(Memory.BYTE, i, (byte) (from.get(Memory.BYTE, i) ^ 0x80));
    }
    Reference.reachabilityFence(dense);
    return to.address();
  }

  private static long signedZeros(Tensor[] in, Arena arena) {
    if (in[1].dtype() == DType.I8) {
      return in[3].address();
    }
    MemorySegment zeros = arena.allocate(in[3].numel() * Integer.BYTES, Integer.BYTES);
    for (long i = 0; i < in[3].numel(); i++) {
      zeros.set(Memory.INT, i * Integer.BYTES, at(in[3], i) - HALF);
    }
    return zeros.address();
  }

  private static Optional<Plan> plan(Structured op, Zeros zeros, Tensor[] in, Tensor[] out) {
    return Plans.find(
        op,
        zeros,
        in,
        out,
        () -> {
          boolean flat = flat(op, in);
          long attributes = attributes(op, zeros, in, flat ? 2 : out[0].dim());
          try {
            Meta y = out[0].meta();
            return base(op) instanceof IntConv conv
                ? convolution(conv, op, zeros, in, y, attributes)
                : product(op, zeros, in, flat ? rows(y) : y, attributes);
          } finally {
            OneDnn.free("primitive_attr", attributes);
          }
        });
  }

  /** Whether the matrices of a batch are rows of one, multiplied by the same matrix. */
  private static boolean flat(Structured op, Tensor[] in) {
    return base(op) instanceof IntMatMul && in[1].dim() == 2 && in[0].isContiguous();
  }

  private static Meta rows(Meta batch) {
    long columns = batch.size(batch.rank() - 1);
    Shape shape = Shape.of(batch.shape().numel() / columns, columns);
    return new Meta(batch.dtype(), batch.device(), Layout.contiguous(shape));
  }

  private static long attributes(Structured op, Zeros zeros, Tensor[] in, int rank) {
    long attributes = OneDnn.attributes();
    if (zeros.first) {
      Dnnl.call("dnnl_primitive_attr_set_zero_points_mask", attributes, SRC, 0);
    }
    if (zeros.second) {
      Dnnl.call("dnnl_primitive_attr_set_zero_points_mask", attributes, WEIGHTS, 0);
    }
    if (op instanceof Rescaled r) {
      int columns = r.base() instanceof IntConv conv ? (conv.groups() > 1 ? 3 : 1) : 1 << rank - 1;
      int mask = in[Rescaled.FACTORS].numel() == 1 ? 0 : columns;
      Dnnl.call("dnnl_primitive_attr_set_scales_mask", attributes, WEIGHTS, mask);
      long ops = Dnnl.create("dnnl_post_ops_create");
      if (r.low() == 0 && r.high() == Double.POSITIVE_INFINITY) {
        Dnnl.call("dnnl_post_ops_append_eltwise", ops, RELU, 0f, 0f);
      } else if (r.low() > Double.NEGATIVE_INFINITY || r.high() < Double.POSITIVE_INFINITY) {
        Dnnl.call("dnnl_post_ops_append_eltwise", ops, CLIP, (float) r.low(), (float) r.high());
      }
      if (r.rounds()) {
        // Before the zero point is added: with an odd one, halves would go the other way.
        Dnnl.call("dnnl_post_ops_append_eltwise", ops, ROUND, 0f, 0f);
        Dnnl.call("dnnl_primitive_attr_set_zero_points_mask", attributes, DST, 0);
      }
      Dnnl.call("dnnl_primitive_attr_set_post_ops", attributes, ops);
      OneDnn.free("post_ops", ops);
    }
    return attributes;
  }

  private static Optional<Plan> convolution(
      IntConv conv, Structured op, Zeros zeros, Tensor[] in, Meta y, long attributes) {
    Meta w = new Meta(DType.I8, in[1].device(), order(in[1].meta()));
    boolean biased = op instanceof Rescaled r && r.bias();
    long bias = biased ? OneDnn.caller(in[Rescaled.FACTORS + 1].meta()) : 0;
    try (var problem = Convolutions.Problem.of(conv.window(), conv.groups(), in[0].meta(), w, y)) {
      long pd = problem.forward(INFERENCE, bias, attributes);
      long order = Dnnl.descriptor(w.dtype(), Convolutions.grouped(w, conv.groups()));
      return ready(pd, op, zeros, in, OneDnn.caller(in[0].meta()), order, bias, y);
    }
  }

  private static Optional<Plan> product(
      Structured op, Zeros zeros, Tensor[] in, Meta y, long attributes) {
    int rank = y.rank();
    boolean weight = base(op) instanceof IntMatMul m && m.weight();
    Layout lines = flat(op, in) ? rows(in[0].meta()).layout() : in[0].layout();
    Layout a = MatrixProducts.aligned(lines, rank);
    Layout b = MatrixProducts.aligned(order(in[1].meta()), rank);
    boolean biased = op instanceof Rescaled r && r.bias();
    long bias = biased ? MatrixProducts.row(in[Rescaled.FACTORS + 1].meta(), rank) : 0;
    long da = Dnnl.descriptor(in[0].dtype(), MatrixProducts.readable(a));
    long db =
        weight
            ? Dnnl.descriptorAny(DType.I8, b.shape().sizes())
            : Dnnl.descriptor(DType.I8, MatrixProducts.readable(b));
    long dc = OneDnn.caller(y);
    long pd =
        Dnnl.create("dnnl_matmul_primitive_desc_create", Dnnl.ENGINE, da, db, bias, dc, attributes);
    OneDnn.free("memory_desc", da, db, dc);
    long x = Dnnl.descriptor(in[0].dtype(), a);
    return ready(pd, op, zeros, in, x, Dnnl.descriptor(DType.I8, b), bias, y);
  }

  /** The plan with its arguments; takes the descriptors over. */
  private static Optional<Plan> ready(
      long pd, Structured op, Zeros zeros, Tensor[] in, long x, long w, long bias, Meta y) {
    if (pd == 0) {
      OneDnn.free("memory_desc", x, w, bias);
      return Optional.empty();
    }
    Plan plan =
        new Plan(pd)
            .argument(SRC, x, Dnnl.query(pd, 129), false)
            .argument(WEIGHTS, w, Dnnl.query(pd, 131), false);
    if (bias != 0) {
      plan.argument(BIAS, bias, 0, false);
    }
    plan.argument(DST, OneDnn.caller(y), Dnnl.query(pd, 133), true);
    if (op instanceof Rescaled) {
      plan.argument(SCALES | WEIGHTS, numbers(DType.F32, in[Rescaled.FACTORS]), 0, false);
    }
    if (zeros.first) {
      plan.argument(ZERO_POINTS | SRC, numbers(DType.I32, in[2]), 0, false);
    }
    if (zeros.second) {
      plan.argument(ZERO_POINTS | WEIGHTS, numbers(DType.I32, in[3]), 0, false);
    }
    if (op instanceof Rescaled r && r.rounds()) {
      plan.argument(ZERO_POINTS | DST, numbers(DType.I32, in[in.length - 1]), 0, false);
    }
    return Optional.of(plan.ready());
  }

  private static long numbers(DType type, Tensor vector) {
    return Dnnl.descriptor(type, Layout.contiguous(Shape.of(vector.numel())));
  }
}
