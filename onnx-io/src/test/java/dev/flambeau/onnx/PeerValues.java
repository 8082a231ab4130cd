package dev.flambeau.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxMap;
import ai.onnxruntime.OnnxSequence;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.flambeau.onnx.proto.ModelProto;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.backend.Memory;
import java.lang.reflect.Array;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** ONNX Runtime with values of all kinds: tensors and strings in, sequences and maps too out. */
final class PeerValues {
  private PeerValues() {}

  /**
   * The node gives what ONNX Runtime gives.
   *
   * @param tolerance relative, and absolute around zero; 0 for equal bits
   */
  static void assertSame(OneNode node, int outputs, double tolerance) throws OrtException {
    List<OnnxValue> theirs = run(node.model(outputs), node.inputs());
    List<OnnxValue> ours = node.run(outputs);
    for (int i = 0; i < outputs; i++) {
      assertSame(theirs.get(i), ours.get(i), tolerance, "output " + i);
    }
  }

  private static void assertSame(OnnxValue wanted, OnnxValue got, double tolerance, String at) {
    if (wanted instanceof OnnxValue.Sequence a && got instanceof OnnxValue.Sequence b) {
      assertEquals(a.items().size(), b.items().size(), at);
      for (int i = 0; i < a.items().size(); i++) {
        assertSame(a.items().get(i), b.items().get(i), tolerance, at + ", item " + i);
      }
    } else if (wanted instanceof OnnxValue.Dictionary a && got instanceof OnnxValue.Dictionary b) {
      assertEquals(a.entries().keySet(), b.entries().keySet(), at);
      a.entries().forEach((key, v) -> assertSame(v, b.entries().get(key), tolerance, at + key));
    } else if (wanted instanceof OnnxValue.Numbers a && got instanceof OnnxValue.Numbers b) {
      assertEquals(a.describe(), b.describe(), at);
      double[] x = TestData.values(a.tensor());
      double[] y = TestData.values(b.tensor());
      for (int i = 0; i < x.length; i++) {
        double gap = x[i] == y[i] ? 0 : Math.abs(x[i] - y[i]);
        boolean near = gap <= tolerance * (1 + Math.abs(x[i]));
        boolean both = Double.isNaN(x[i]) && Double.isNaN(y[i]);
        assertTrue(near || both, at + " at " + i + ": " + y[i] + ", wanted " + x[i]);
      }
    } else {
      assertEquals(wanted, got, at);
    }
  }

  /** All outputs in order. */
  static List<OnnxValue> run(ModelProto model, Map<String, OnnxValue> inputs) throws OrtException {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    Map<String, OnnxTensor> feed = new LinkedHashMap<>();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      options.setSessionLogLevel(ai.onnxruntime.OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
      try (OrtSession session = environment.createSession(model.toByteArray(), options)) {
        for (var e : inputs.entrySet()) {
          feed.put(e.getKey(), given(environment, e.getValue()));
        }
        try (OrtSession.Result result = session.run(feed)) {
          List<OnnxValue> out = new ArrayList<>();
          for (var e : result) {
            out.add(taken(e.getValue()));
          }
          return out;
        }
      }
    } finally {
      feed.values().forEach(OnnxTensor::close);
    }
  }

  private static OnnxTensor given(OrtEnvironment environment, OnnxValue value) throws OrtException {
    if (value instanceof OnnxValue.Texts t) {
      return OnnxTensor.createTensor(
          environment, t.strings().toArray(String[]::new), t.shape().sizes());
    }
    OnnxValue.Numbers n = (OnnxValue.Numbers) value;
    Tensor dense = n.tensor().contiguous();
    int bytes = (int) dense.numel() * dense.dtype().bytes();
    ByteBuffer buffer = ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    buffer.put(Memory.ALL.asSlice(dense.address(), bytes).asByteBuffer()).flip();
    OnnxJavaType type =
        switch (n.type()) {
          case FLOAT -> OnnxJavaType.FLOAT;
          case DOUBLE -> OnnxJavaType.DOUBLE;
          case INT64 -> OnnxJavaType.INT64;
          case INT32 -> OnnxJavaType.INT32;
          case INT16 -> OnnxJavaType.INT16;
          case INT8 -> OnnxJavaType.INT8;
          case UINT8 -> OnnxJavaType.UINT8;
          case BOOL -> OnnxJavaType.BOOL;
          default -> throw new IllegalArgumentException("" + n.type());
        };
    return OnnxTensor.createTensor(environment, buffer, dense.shape().sizes(), type);
  }

  private static OnnxValue taken(ai.onnxruntime.OnnxValue value) throws OrtException {
    return switch (value) {
      case OnnxTensor t -> tensor(t);
      case OnnxSequence s -> {
        List<OnnxValue> items = new ArrayList<>();
        for (ai.onnxruntime.OnnxValue item : s.getValue()) {
          items.add(taken(item));
        }
        yield new OnnxValue.Sequence(items);
      }
      case OnnxMap m -> {
        Map<Object, OnnxValue> entries = new LinkedHashMap<>();
        m.getValue().forEach((key, v) -> entries.put(key, scalar(v)));
        yield new OnnxValue.Dictionary(entries);
      }
      default -> throw new IllegalArgumentException("" + value);
    };
  }

  private static OnnxValue scalar(Object value) {
    return switch (value) {
      case Float f -> OnnxValue.of(Torch.full(DType.F32, f));
      case Double d -> OnnxValue.of(Torch.full(DType.F64, d));
      case Long l -> OnnxValue.of(Torch.full(DType.I64, l));
      case String s -> new OnnxValue.Texts(List.of(s), Shape.of());
      default -> throw new IllegalArgumentException("" + value);
    };
  }

  private static OnnxValue tensor(OnnxTensor t) throws OrtException {
    long[] sizes = t.getInfo().getShape();
    if (t.getInfo().type == OnnxJavaType.STRING) {
      List<String> strings = new ArrayList<>();
      flatten(t.getValue(), strings);
      return new OnnxValue.Texts(strings, Shape.of(sizes));
    }
    ElementType type =
        switch (t.getInfo().type) {
          case FLOAT -> ElementType.FLOAT;
          case DOUBLE -> ElementType.DOUBLE;
          case INT64 -> ElementType.INT64;
          case INT32 -> ElementType.INT32;
          case INT16 -> ElementType.INT16;
          case INT8 -> ElementType.INT8;
          case UINT8 -> ElementType.UINT8;
          case BOOL -> ElementType.BOOL;
          default -> throw new IllegalArgumentException("" + t.getInfo());
        };
    Tensor out = Torch.empty(type.require("output"), sizes);
    ByteBuffer bytes = t.getByteBuffer();
    if (bytes.hasRemaining()) {
      Memory.ALL.asSlice(out.address(), bytes.remaining()).asByteBuffer().put(bytes);
    }
    return new OnnxValue.Numbers(out, type);
  }

  private static void flatten(Object value, List<String> into) {
    if (value instanceof String s) {
      into.add(s);
    } else {
      for (int i = 0; i < Array.getLength(value); i++) {
        flatten(Array.get(value, i), into);
      }
    }
  }
}
