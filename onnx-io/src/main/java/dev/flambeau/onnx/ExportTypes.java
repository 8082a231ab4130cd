package dev.flambeau.onnx;

import dev.flambeau.torch.DType;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The element types that operators of ONNX take in all operator sets from 13 on and for which ONNX
 * Runtime has kernels; F16, which it widens itself, and F64, which it often lacks, count as taken.
 * Operands of other types are widened around the node.
 */
final class ExportTypes {
  /** The type of a node's first output. */
  enum Result {
    /** The operands'. */
    SAME,
    TRUTH,
    /** Places, I64. */
    INDEX
  }

  /**
   * What an operator takes.
   *
   * @param first the first input that is an operand; those behind it with its type are, too
   */
  record Rule(Set<DType> types, int first, Result result) {
    /** The type itself or the next wider one that is taken. */
    DType fit(DType type) {
      if (types.contains(type)) {
        return type;
      }
      for (DType wider : type.isFloat() ? FLOATS : WIDER) {
        if (types.contains(wider)) {
          return wider;
        }
      }
      return type;
    }
  }

  private static final DType[] FLOATS = {DType.F32, DType.F64};
  private static final DType[] WIDER = {DType.I32, DType.I64, DType.F32};
  private static final Set<DType> REAL = EnumSet.of(DType.F16, DType.F32, DType.F64);
  private static final Set<DType> NUMBERS = plus(REAL, DType.I32, DType.I64);
  private static final Set<DType> BYTES = plus(NUMBERS, DType.U8, DType.I8);
  private static final Set<DType> SUMS = EnumSet.of(DType.I32, DType.I64, DType.F32, DType.F64);
  private static final Set<DType> INTEGERS =
      EnumSet.of(DType.U8, DType.I8, DType.I16, DType.I32, DType.I64);
  private static final Map<String, Rule> RULES = new HashMap<>();

  static {
    add(NUMBERS, "Add Sub Mul Div Pow Max Min Neg Abs Sign Mod MatMul Clip");
    add(
        REAL,
        "Floor Ceil Round Exp Log Sqrt Reciprocal Sin Cos Tan Asin Acos Atan Sinh Cosh Asinh Acosh"
            + " Atanh Tanh Sigmoid Erf Relu Gelu Softmax LogSoftmax Conv ConvTranspose MaxPool"
            + " AveragePool BatchNormalization LayerNormalization InstanceNormalization"
            + " GroupNormalization RMSNormalization Resize GridSample Det LSTM GRU RNN DFT"
            + " Attention ReduceMean Einsum");
    add(SUMS, "CumSum");
    add(NUMBERS, "ReduceSum ReduceProd");
    add(BYTES, "ReduceMax ReduceMin");
    add(plus(REAL, DType.BOOL, DType.I64), "Trilu");
    add(plus(NUMBERS, DType.BOOL), "Pad Expand Tile");
    add(INTEGERS, "BitwiseAnd BitwiseOr BitwiseXor BitwiseNot");
    put("Where", plus(NUMBERS, DType.U8), 1, Result.SAME);
    put("Range", SUMS, 0, Result.SAME);
    put("TopK", NUMBERS, 0, Result.SAME);
    for (String type : "Less LessOrEqual Greater GreaterOrEqual".split(" ")) {
      put(type, NUMBERS, 0, Result.TRUTH);
    }
    put("Equal", plus(NUMBERS, DType.BOOL), 0, Result.TRUTH);
    put("IsNaN", REAL, 0, Result.TRUTH);
    put("IsInf", EnumSet.of(DType.F32, DType.F64), 0, Result.TRUTH);
    put("ArgMax", plus(REAL, DType.U8, DType.I8, DType.I32), 0, Result.INDEX);
    put("ArgMin", plus(REAL, DType.U8, DType.I8, DType.I32), 0, Result.INDEX);
    put("NonZero", EnumSet.of(DType.BOOL, DType.F32, DType.I64), 0, Result.INDEX);
    Set<DType> all = EnumSet.allOf(DType.class);
    put("Shape", all, 0, Result.INDEX);
    put("Size", all, 0, Result.INDEX);
    for (String type : "And Or Not Xor".split(" ")) {
      put(type, EnumSet.of(DType.BOOL), 0, Result.TRUTH);
    }
  }

  private ExportTypes() {}

  private static Set<DType> plus(Set<DType> some, DType... more) {
    Set<DType> all = EnumSet.copyOf(some);
    all.addAll(Arrays.asList(more));
    return all;
  }

  private static void add(Set<DType> types, String names) {
    for (String name : names.split(" ")) {
      put(name, types, 0, Result.SAME);
    }
  }

  private static void put(String name, Set<DType> types, int first, Result result) {
    RULES.put(name, new Rule(types, first, result));
  }

  /** What an operator takes; empty: any type. */
  static Optional<Rule> of(String operator) {
    return Optional.ofNullable(RULES.get(operator));
  }

  /** Whether an operator has the type itself. */
  static boolean takes(String operator, DType type) {
    return of(operator).map(rule -> rule.types.contains(type)).orElse(true);
  }
}
