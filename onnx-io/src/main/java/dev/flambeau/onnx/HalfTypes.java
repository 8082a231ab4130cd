package dev.flambeau.onnx;

import dev.flambeau.onnx.proto.TypeProto;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * The operator sets from which on ONNX's operators take FLOAT16 and BFLOAT16 wherever they take
 * FLOAT (ONNX Changelog.md); operators without floats are not among them.
 */
final class HalfTypes {
  private static final Map<String, Integer> FLOAT16 =
      parse(
          """
          1 Abs Add ArgMax ArgMin AveragePool BatchNormalization Cast Ceil Clip Concat Constant Conv
          1 ConvTranspose DepthToSpace Div Dropout Elu Equal Exp Flatten Floor GRU Gather Gemm
          1 GlobalAveragePool GlobalLpPool GlobalMaxPool Greater HardSigmoid Hardmax Identity If
          1 InstanceNormalization LRN LSTM LeakyRelu Less Log LogSoftmax Loop LpNormalization LpPool
          1 MatMul Max MaxPool MaxRoiPool Mean Min Mul Neg PRelu Pad Pow RNN RandomNormal
          1 RandomNormalLike RandomUniform RandomUniformLike Reciprocal ReduceL1 ReduceL2
          1 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum
          1 ReduceSumSquare Relu Reshape Selu Shape Sigmoid Size Slice Softmax Softplus Softsign
          1 SpaceToDepth Split Sqrt Squeeze Sub Sum Tanh Tile TopK Transpose Unsqueeze Upsample
          7 Acos Asin Atan Cos Multinomial Sin Tan
          8 Expand Scan
          9 Acosh Asinh Atanh Compress ConstantOfShape Cosh Erf EyeLike IsNaN MaxUnpool
          9 MeanVarianceNormalization NonZero OneHot Scatter Shrink Sign Sinh Where
          10 Mod Resize ReverseSequence RoiAlign ThresholdedRelu
          11 ConcatFromSequence Det GatherElements GatherND Round ScatterElements ScatterND
          11 SequenceAt SequenceConstruct SequenceEmpty SequenceErase SequenceInsert SequenceLength
          11 SplitToSequence Unique
          12 Einsum GreaterOrEqual LessOrEqual NegativeLogLikelihoodLoss SoftmaxCrossEntropyLoss
          14 HardSwish Trilu
          15 Bernoulli CastLike Optional OptionalGetElement OptionalHasElement
          16 GridSample
          17 LayerNormalization SequenceMap
          18 CenterCropPad Col2Im GroupNormalization Mish
          19 DeformConv
          20 AffineGrid Gelu IsInf
          23 Attention RMSNormalization RotaryEmbedding
          24 Swish TensorScatter
          27 CausalConvWithState LinearAttention
          28 Celu SwiGLU
          """);

  private static final Map<String, Integer> BFLOAT16 =
      parse(
          """
          13 Abs Add ArgMax ArgMin Cast Ceil Clip Concat Constant DepthToSpace Div Equal Erf Exp
          13 Expand Flatten Floor Gather GatherElements GatherND Gemm Greater Hardmax Identity IsNaN
          13 LRN Less Log LogSoftmax MatMul Max Mean MeanVarianceNormalization Min Mod Mul Neg
          13 NonZero Pad Reciprocal ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax
          13 ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare Relu Reshape Resize
          13 ScatterElements ScatterND Shape Sigmoid Sign Size Slice Softmax SoftmaxCrossEntropyLoss
          13 SpaceToDepth Split Sqrt Squeeze Sub Sum Tanh Tile Transpose Unsqueeze
          14 BatchNormalization Trilu
          15 CastLike Pow
          16 GreaterOrEqual If LeakyRelu LessOrEqual Loop PRelu Scan Where
          17 LayerNormalization
          18 CenterCropPad Col2Im GroupNormalization
          20 AffineGrid ConstantOfShape Gelu IsInf
          22 Acos Acosh Asin Asinh Atan Atanh AveragePool Bernoulli Conv ConvTranspose Cos Cosh
          22 DeformConv Det Dropout Elu EyeLike GRU GlobalAveragePool GlobalLpPool GlobalMaxPool
          22 GridSample HardSigmoid HardSwish InstanceNormalization LSTM LpNormalization LpPool
          22 MaxPool MaxRoiPool MaxUnpool Mish Multinomial NegativeLogLikelihoodLoss RNN RandomNormal
          22 RandomNormalLike RandomUniform RandomUniformLike RoiAlign Round Selu Sin Sinh Softplus
          22 Softsign Tan ThresholdedRelu
          23 Attention RMSNormalization RotaryEmbedding
          24 SplitToSequence Swish TensorScatter TopK
          27 CausalConvWithState LinearAttention
          28 Celu SwiGLU
          """);

  /** Inputs that are, or may stay, FLOAT whatever the others are. */
  private static final Map<String, Set<Integer>> FIXED_INPUTS =
      Map.of(
          "Resize", Set.of(1, 2), "Upsample", Set.of(1), "BatchNormalization", Set.of(1, 2, 3, 4));

  private HalfTypes() {}

  private static Map<String, Integer> parse(String table) {
    Map<String, Integer> all = new HashMap<>();
    for (String line : table.split("\n")) {
      String[] words = line.split(" ");
      for (int i = 1; i < words.length; i++) {
        all.put(words[i], Integer.parseInt(words[0]));
      }
    }
    return all;
  }

  /** Whether a type is turned into {@code to}. */
  static boolean changes(ElementType type, ElementType to) {
    return to == ElementType.FLOAT
        ? type == ElementType.FLOAT16 || type == ElementType.BFLOAT16
        : type == ElementType.FLOAT;
  }

  /** Whether an operator of a set takes a type in the place of FLOAT. */
  static boolean takes(String operator, long opset, ElementType type) {
    Integer since = (type == ElementType.FLOAT16 ? FLOAT16 : BFLOAT16).get(operator);
    return since != null && opset >= since;
  }

  static boolean isFixedInput(NodeEdit node, int input, ElementType to) {
    return to != ElementType.FLOAT
        && node.domain().isEmpty()
        && FIXED_INPUTS.getOrDefault(node.type(), Set.of()).contains(input);
  }

  /** The operator set from which on BatchNormalization's statistics have a type of their own. */
  static final long FREE_STATISTICS = 15;

  /** The means and deviations of LayerNormalization, which are in the type it computes in. */
  static boolean isFixedOutput(NodeEdit node, int output, ElementType to) {
    return to != ElementType.FLOAT && node.is("LayerNormalization") && output > 0;
  }

  /** The type with {@code to} in the place of what changes. */
  static TypeProto typed(TypeProto type, ElementType to) {
    TypeProto.Builder out = type.toBuilder();
    switch (type.getValueCase()) {
      case TENSOR_TYPE -> {
        int code = type.getTensorType().getElemType();
        if (ElementType.of(code).filter(t -> changes(t, to)).isPresent()) {
          out.getTensorTypeBuilder().setElemType(to.code());
        }
      }
      case SEQUENCE_TYPE ->
          out.getSequenceTypeBuilder().setElemType(typed(type.getSequenceType().getElemType(), to));
      case OPTIONAL_TYPE ->
          out.getOptionalTypeBuilder().setElemType(typed(type.getOptionalType().getElemType(), to));
      case SPARSE_TENSOR_TYPE, MAP_TYPE, VALUE_NOT_SET -> {}
    }
    return out.build();
  }
}
