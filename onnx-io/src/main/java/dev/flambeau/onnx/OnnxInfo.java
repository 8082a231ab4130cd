package dev.flambeau.onnx;

import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * What a file holds.
 *
 * @param bytes of the file, without data that lie beside it
 * @param irVersion version of the file format
 * @param producer name and version of the program that wrote it
 * @param opsets version of the operators by domain; ONNX's own is {@code ai.onnx}
 * @param operators number of nodes by operator, bodies and functions included
 * @param unsupported operators, with domain and version, that cannot be imported
 * @param parameters number of elements of the parameters
 * @param constants number of elements of the other initializers and Constant nodes
 * @param weightBytes bytes in memory of both
 * @param macs multiplications with additions of products, convolutions, recurrent layers and
 *     attention in one run; empty if it was not run
 * @param peakBytes most memory that tensors took in that run beside the weights
 * @param milliseconds that run took, the first of all and so a slow one
 */
public record OnnxInfo(
    long bytes,
    long irVersion,
    String producer,
    Map<String, Long> opsets,
    Map<String, String> metadata,
    List<Value> inputs,
    List<Value> outputs,
    Map<String, Integer> operators,
    List<String> unsupported,
    long parameters,
    long constants,
    long weightBytes,
    OptionalLong macs,
    OptionalLong peakBytes,
    OptionalLong milliseconds) {
  /**
   * An input or output.
   *
   * @param type an element type, or {@code sequence}, {@code optional}, {@code map}, {@code ?}
   * @param sizes numbers, names of open sizes, {@code ?}
   */
  public record Value(String name, String type, List<String> sizes) {}
}
