package dev.flambeau.bench;

/** An operator on inputs of one size, as {@link OperatorBench} compares it. */
enum Operation {
  ADD_SQUARE("add, 1024x1024", 1),
  ADD_WIDE("add, 4096x768", 1),
  MUL_ROW_SQUARE("mul by a row, 1024x1024", 1),
  MUL_ROW_WIDE("mul by a row, 4096x768", 1),
  EXP_SQUARE("exp, 1024x1024", 1),
  EXP_WIDE("exp, 4096x768", 1),
  GELU_SQUARE("gelu, 1024x1024", 1),
  GELU_WIDE("gelu, 4096x768", 1),
  SUM_SQUARE("sum, 1024x1024", 1),
  SUM_WIDE("sum, 4096x768", 1),
  SUM_ROWS_SQUARE("sum over dim 0, 1024x1024", 1),
  SUM_ROWS_WIDE("sum over dim 0, 4096x768", 1),
  SOFTMAX_SQUARE("softmax, 1024x1024", 1),
  SOFTMAX_WIDE("softmax, 4096x768", 1),
  LAYER_NORM_SQUARE("layer_norm, 1024x1024", 1),
  LAYER_NORM_WIDE("layer_norm, 4096x768", 1),
  TRANSPOSE_SQUARE("transpose, contiguous, 1024x1024", 1),
  TRANSPOSE_WIDE("transpose, contiguous, 4096x768", 1),
  MATMUL_SQUARE("matmul 1024^3", 1),
  MATMUL_WIDE("matmul 4096x768x3072", 1),
  MATMUL_SQUARE_BF16("matmul 1024^3, bf16", 1),
  MATMUL_WIDE_BF16("matmul 4096x768x3072, bf16", 1),
  ADD_SMALL("add, 16x16", 1),
  LINEAR_SMALL("linear+relu+sum, forward+backward, 16x16", 1),
  INDEX_SELECT("index_select of 1M", 1),
  SCATTER_ADD("scatter_add of 1M", 1),
  SORT("sort of 1M", 1),
  CAT("cat of 64 256x256", 1),
  CHAIN_SQUARE("chain of six, 1024x1024", 0.5),
  CHAIN_WIDE("chain of six, 4096x768", 0.5);

  /** Elements of what is indexed, scattered into and sorted. */
  static final int MILLION = 1 << 20;

  static final int PARTS = 64;

  final String title;

  /** What our time divided by libtorch's is meant to stay at or below. */
  final double aim;

  Operation(String title, double aim) {
    this.title = title;
    this.aim = aim;
  }

  /** Rows and columns of the input, by the name's last word. */
  long[] sizes() {
    if (name().contains("SMALL")) {
      return new long[] {16, 16};
    }
    return name().contains("WIDE") ? new long[] {4096, 768} : new long[] {1024, 1024};
  }
}
