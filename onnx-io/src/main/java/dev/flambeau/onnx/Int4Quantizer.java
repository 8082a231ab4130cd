package dev.flambeau.onnx;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import java.util.ArrayList;
import java.util.List;

/**
 * Weights of MatMul and Gemm in 4 bits, blocks along the inputs with a scale each, rounded to the
 * nearest: as com.microsoft's MatMulNBits (ONNX Runtime, ContribOperators.md) or with the standard
 * DequantizeLinear.
 */
final class Int4Quantizer extends Quantizer {
  /** The first set with 4-bit types and blocks. */
  private static final long SET = 21;

  private Int4Quantizer(ModelEdit model, QuantizeOptions options) {
    super(model, options);
  }

  static Int4Quantizer of(ModelEdit model, QuantizeOptions options) {
    if (options.isStandard() || options.doesEmbeddings()) {
      OpsetUpgrade.raise(model, SET, "4-bit DequantizeLinear");
    }
    return new Int4Quantizer(model, options);
  }

  @Override
  void run() {
    for (NodeEdit node : model.graph().allNodes()) {
      if (node.is("MatMul", "Gemm") && isWanted(node)) {
        product(node);
      } else if (node.is("Gather") && options.doesEmbeddings() && isWanted(node)) {
        table(node);
      } else if (node.is("Conv", "ConvTranspose", "LSTM", "GRU", "RNN")) {
        left(node, "only products of matrices are done in 4 bits");
      }
    }
  }

  private void product(NodeEdit node) {
    String obstacle = obstacle(node);
    if (obstacle.isEmpty() && weight(node.input(1)).orElseThrow().dim() != 2) {
      obstacle = "its weight has more than two axes";
    }
    if (obstacle.isEmpty()
        && columns(node, weight(node.input(1)).orElseThrow()).size(0) < options.blockSize()) {
      obstacle = "fewer inputs than a block";
    }
    if (!obstacle.isEmpty()) {
      left(node, obstacle);
      return;
    }
    Tensor weight = columns(node, weight(node.input(1)).orElseThrow());
    // Blocks lie along the inputs: the axis is the last here.
    Blocks blocks = Blocks.of(weight.t(), options.blockSize(), options.isSymmetric());
    GraphEdit graph = node.graph();
    String output = node.output();
    String name = node.input(1);
    boolean bias = node.hasInput(2);
    model.remove(node);
    String product = bias ? model.fresh(output + "_product") : output;
    if (options.isStandard()) {
      String real = dequantized(graph, name, blocks, true);
      model.add(graph, "MatMul", List.of(node.input(0), real), List.of(product));
    } else {
      packed(graph, node.input(0), name, blocks, product);
    }
    if (bias) {
      model.add(graph, "Add", List.of(product, node.input(2)), List.of(output));
    }
    layers.put(output, output);
    changed(node);
  }

  private void packed(GraphEdit graph, String input, String name, Blocks blocks, String output) {
    List<String> inputs = new ArrayList<>(List.of(input));
    inputs.add(constant(name, "_packed", blocks.packed()));
    inputs.add(constant(name, "_scales", blocks.scales().reshape(-1)));
    if (!options.isSymmetric()) {
      inputs.add(constant(name, "_zero_points", blocks.packedZeros()));
    }
    model.use(Registry.MICROSOFT, 1);
    model.add(
        graph,
        Registry.MICROSOFT,
        "MatMulNBits",
        inputs,
        List.of(output),
        ExportGraph.attribute("K", blocks.width()),
        ExportGraph.attribute("N", blocks.rows()),
        ExportGraph.attribute("bits", 4L),
        ExportGraph.attribute("block_size", (long) options.blockSize()),
        ExportGraph.attribute("accuracy_level", (long) options.accuracyLevel()));
  }

  /**
   * The FLOAT that DequantizeLinear makes of a table.
   *
   * @param transposed whether the blocks' axis is the first in the file
   */
  private String dequantized(GraphEdit graph, String name, Blocks blocks, boolean transposed) {
    boolean symmetric = options.isSymmetric();
    ElementType type = symmetric ? ElementType.INT4 : ElementType.UINT4;
    // Signed steps without zero points, or unsigned ones with them.
    Tensor steps = symmetric ? blocks.steps().to(DType.I8).sub(8) : blocks.steps();
    List<String> inputs = new ArrayList<>();
    inputs.add(small(name + "_int4", steps, type, transposed));
    inputs.add(constant(name, "_scales", transposed ? blocks.scales().t() : blocks.scales()));
    if (!symmetric) {
      inputs.add(small(name + "_zero_points", blocks.zeros(), type, transposed));
    }
    return model.value(
        graph,
        name + "_dequantized",
        "DequantizeLinear",
        inputs,
        ExportGraph.attribute("axis", transposed ? 0L : 1L),
        ExportGraph.attribute("block_size", (long) options.blockSize()));
  }

  private String small(String base, Tensor steps, ElementType type, boolean transposed) {
    Tensor t = transposed ? steps.t().contiguous() : steps.contiguous();
    DType stored = type.require(base);
    OnnxValue value = new OnnxValue.Numbers(t.to(stored), type);
    return model.constants.add(model.graph(), model.fresh(base), value);
  }

  private void table(NodeEdit node) {
    if (weight(node.input(0)).filter(t -> t.dim() == 2).isEmpty() || node.i("axis", 0) != 0) {
      left(node, "not rows of a constant table");
      return;
    }
    Tensor table = weight(node.input(0)).orElseThrow();
    Blocks blocks = Blocks.of(table, options.blockSize(), options.isSymmetric());
    model.setInput(node, 0, dequantized(node.graph(), node.input(0), blocks, false));
    layers.put(node.output(), node.output());
    changed(node);
  }

  /**
   * Rows in blocks of 4-bit steps from 0 to 15: a number is (step - zero) * scale.
   *
   * @param steps U8, rows x width
   * @param scales F32, rows x blocks
   * @param zeros U8, rows x blocks; 8 in all if symmetric
   */
  record Blocks(Tensor steps, Tensor scales, Tensor zeros, int size) {
    static Blocks of(Tensor rows, int size, boolean symmetric) {
      long n = rows.size(0);
      long width = rows.size(1);
      long count = Math.ceilDiv(width, (long) size);
      Tensor padded = Torch.zeros(n, count * size);
      padded.narrow(1, 0, width).copy_(rows.detach().to(DType.F32));
      Tensor x = padded.reshape(n, count, size);
      Tensor high = x.amax(2).clampMin(0);
      Tensor low = x.amin(2).clampMax(0);
      Tensor scales;
      Tensor zeros;
      if (symmetric) {
        // The number of the largest magnitude is step 0 exactly, so that all 16 steps are used.
        Tensor extreme = Torch.where(high.gt(low.neg()), high, low);
        scales = extreme.div(-8);
        zeros = Torch.full(DType.F32, 8).expandAs(scales);
      } else {
        scales = high.sub(low).div(15);
        zeros = null;
      }
      scales = Torch.where(scales.eq(0), scales.onesLike(), scales);
      if (zeros == null) {
        zeros = low.neg().div(scales).round().clamp(0, 15);
      }
      Tensor steps = x.div(scales.unsqueeze(2)).round().add(zeros.unsqueeze(2)).clamp(0, 15);
      return new Blocks(
          steps.reshape(n, count * size).narrow(1, 0, width).contiguous().to(DType.U8),
          scales,
          zeros.to(DType.U8),
          size);
    }

    long rows() {
      return steps.size(0);
    }

    long width() {
      return steps.size(1);
    }

    /** Two steps a byte, the first in the low half: rows x blocks x size / 2. */
    Tensor packed() {
      long count = scales.size(1);
      Tensor full = Torch.full(DType.U8, 8).expand(rows(), count * size).contiguous();
      full.narrow(1, 0, width()).copy_(steps);
      return halves(full).reshape(rows(), count, size / 2);
    }

    /** Two zero points a byte, a row's last alone if their number is odd; one row of bytes. */
    Tensor packedZeros() {
      long count = scales.size(1);
      Tensor full = Torch.zeros(DType.U8, rows(), count + count % 2);
      full.narrow(1, 0, count).copy_(zeros);
      return halves(full).reshape(-1);
    }

    private static Tensor halves(Tensor steps) {
      Tensor pairs = steps.reshape(steps.size(0), steps.size(1) / 2, 2);
      return pairs.select(2, 0).add(pairs.select(2, 1).mul(16));
    }
  }
}
