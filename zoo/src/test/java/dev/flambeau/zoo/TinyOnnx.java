package dev.flambeau.zoo;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** An ONNX file of one node, written field by field (onnx.proto, IR version 8, opset 13). */
final class TinyOnnx {
  private static final int FLOAT = 1;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private TinyOnnx() {}

  /** {@code y = operator(x)}, x of shape 1 x 3 x 8 x 8, y of shape 1 x 3 x 1 x 1. */
  static byte[] model(String operator, Map<String, String> metadata) {
    TinyOnnx node = new TinyOnnx().text(1, "x").text(2, "y").text(3, "only").text(4, operator);
    TinyOnnx graph =
        new TinyOnnx()
            .message(1, node)
            .text(2, "tiny")
            .message(11, value("x", 1, 3, 8, 8))
            .message(12, value("y", 1, 3, 1, 1));
    TinyOnnx model = new TinyOnnx().number(1, 8).message(7, graph);
    model.message(8, new TinyOnnx().text(1, "").number(2, 13));
    metadata.forEach((k, v) -> model.message(14, new TinyOnnx().text(1, k).text(2, v)));
    return model.out.toByteArray();
  }

  private static TinyOnnx value(String name, long... sizes) {
    TinyOnnx shape = new TinyOnnx();
    for (long size : sizes) {
      shape.message(1, new TinyOnnx().number(1, size));
    }
    TinyOnnx tensor = new TinyOnnx().number(1, FLOAT).message(2, shape);
    return new TinyOnnx().text(1, name).message(2, new TinyOnnx().message(1, tensor));
  }

  private TinyOnnx number(int field, long value) {
    return varint((long) field << 3).varint(value);
  }

  private TinyOnnx text(int field, String value) {
    return bytes(field, value.getBytes(StandardCharsets.UTF_8));
  }

  private TinyOnnx message(int field, TinyOnnx value) {
    return bytes(field, value.out.toByteArray());
  }

  private TinyOnnx bytes(int field, byte[] value) {
    varint((long) field << 3 | 2).varint(value.length);
    out.writeBytes(value);
    return this;
  }

  private TinyOnnx varint(long value) {
    long rest = value;
    while (rest > 0x7f) {
      out.write((int) (rest & 0x7f | 0x80));
      rest >>>= 7;
    }
    out.write((int) rest);
    return this;
  }
}
