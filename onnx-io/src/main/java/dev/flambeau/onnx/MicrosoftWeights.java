package dev.flambeau.onnx;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Which inputs of com.microsoft's operators are weights of a layer where they are constants;
 * scales, zero points, masks and tables of angles are not, although they are floats.
 */
final class MicrosoftWeights {
  private static final Map<String, Set<Integer>> TRAINED = new HashMap<>();

  /** Those of ONNX's own domain that have the same inputs, or that ONNX Runtime put there. */
  private static final Set<String> STANDARD =
      Set.of("SimplifiedLayerNormalization", "RotaryEmbedding");

  static {
    layer("Attention", 1, 2);
    layer("PackedAttention", 1, 2);
    layer("QAttention", 2);
    layer("MultiHeadAttention", 3);
    layer("DecoderMaskedMultiHeadAttention", 10);
    layer("GroupQueryAttention", 11, 14, 15);
    layer("RelativePositionBias", 0);
    layer("GatedRelativePositionBias", 1, 3, 4, 5);
    layer("SkipLayerNormalization", 2, 3, 4);
    layer("SkipSimplifiedLayerNormalization", 2, 3);
    layer("SimplifiedLayerNormalization", 1);
    layer("EmbedLayerNormalization", 2, 3, 4, 5, 6);
    layer("GroupNorm", 1, 2);
    layer("SkipGroupNorm", 1, 2, 4);
    layer("GatedRMSNorm", 1);
    layer("FusedMatMul", 0, 1);
    layer("TransposeMatMul", 0, 1);
    layer("FusedMatMulActivation", 0, 1);
    layer("FusedGemm", 0, 1, 2);
    layer("GemmFastGelu", 0, 1, 2);
    layer("FusedConv", 1, 2);
    layer("NhwcConv", 1, 2);
    layer("NhwcFusedConv", 1, 2);
    layer("ConvTransposeWithDynamicPads", 1, 3);
    layer("BiasGelu", 1);
    layer("FastGelu", 1);
    layer("BiasSplitGelu", 1);
    layer("BiasAdd", 1);
    layer("BiasDropout", 1);
    layer("LinearAttentionGate", 1, 2);
    layer("MatMulNBits", 5);
    layer("DynamicQuantizeMatMul", 4);
    layer("MatMulIntegerToFloat", 6);
    layer("DynamicQuantizeLSTM", 3, 7);
    layer("MoE", 2, 3, 4, 5, 6, 7);
    layer("QMoE", 4, 7, 10);
    for (String type :
        new String[] {
          "RotaryEmbedding",
          "MRotaryEmbedding",
          "GemmaRotaryEmbedding",
          "BiasSoftmax",
          "CropAndResize",
          "MatMulBnb4",
          "GatherBlockQuantized",
          "QGemm",
          "QEmbedLayerNormalization",
          "QLinearAdd",
          "QLinearAveragePool",
          "QLinearConcat",
          "QLinearConv",
          "QLinearGlobalAveragePool",
          "QLinearLeakyRelu",
          "QLinearMul",
          "QLinearReduceMean",
          "QLinearSigmoid",
          "QLinearSoftmax",
          "QLinearWhere"
        }) {
      layer(type);
    }
  }

  private MicrosoftWeights() {}

  private static void layer(String type, Integer... inputs) {
    TRAINED.put(type, Set.of(inputs));
  }

  /** Whether an operator is listed here, that is, {@link #trained} knows about its inputs. */
  static boolean knows(Node node) {
    boolean here = node.domain().equals(Registry.MICROSOFT) || STANDARD.contains(node.type());
    return here && TRAINED.containsKey(node.type());
  }

  static boolean trained(String type, int input) {
    return TRAINED.get(type).contains(input);
  }
}
