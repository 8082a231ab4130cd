package dev.flambeau.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import dev.flambeau.onnx.proto.TensorProto;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Values as ONNX's {@code numpy_helper} writes them. */
class DataReaderTest {
  private interface Content {
    void write(CodedOutputStream out) throws IOException;
  }

  private static byte[] message(Content content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    content.write(out);
    out.flush();
    return bytes.toByteArray();
  }

  private static void part(CodedOutputStream out, int field, byte[] message) throws IOException {
    out.writeBytes(field, ByteString.copyFrom(message));
  }

  private static byte[] tensor(Tensor value) {
    return ExportGraph.tensor("t", value).toByteArray();
  }

  private static byte[] strings(String... values) {
    TensorProto.Builder proto = TensorProto.newBuilder().setDataType(ElementType.STRING.code());
    proto.addDims(values.length);
    List.of(values).forEach(v -> proto.addStringData(ByteString.copyFromUtf8(v)));
    return proto.build().toByteArray();
  }

  private static OnnxValue read(byte[] bytes, Declared like) throws IOException {
    return new DataReader(new TensorReader("test", new ExternalData(Optional.empty())))
        .read(bytes, like);
  }

  private static final Declared FLOATS = new Declared.Elements(ElementType.FLOAT);
  private static final Declared TEXTS = new Declared.Elements(ElementType.STRING);

  @Test
  void sequencesOfStringsAndNothing() throws IOException {
    byte[] bytes =
        message(
            out -> {
              part(out, 3, strings("a", "b"));
              part(out, 3, strings("c"));
            });
    OnnxValue wanted =
        new OnnxValue.Sequence(
            List.of(OnnxValue.of(List.of("a", "b")), OnnxValue.of(List.of("c"))));
    assertEquals(wanted, read(bytes, new Declared.Sequence(TEXTS)));
    OnnxValue empty = read(new byte[0], new Declared.Sequence(TEXTS));
    assertEquals(new OnnxValue.Sequence(List.of(), Optional.of(ElementType.STRING)), empty);
    assertEquals(new OnnxValue.Nothing(), read(new byte[0], new Declared.Perhaps(FLOATS)));
    assertThrows(TorchException.class, () -> read(bytes, new Declared.Sequence(FLOATS)));
  }

  /** Keys packed and one by one; values one by one and as one tensor. */
  @Test
  void maps() throws IOException {
    byte[] values =
        message(
            out -> {
              part(out, 3, tensor(Torch.full(DType.F32, 0.5)));
              part(out, 3, tensor(Torch.full(DType.F32, 1.5)));
            });
    byte[] byNumber =
        message(
            out -> {
              out.writeInt64(3, 7);
              out.writeInt64(3, -1);
              part(out, 5, values);
            });
    byte[] packed =
        message(
            out -> {
              part(
                  out,
                  3,
                  message(
                      keys -> {
                        keys.writeInt64NoTag(7);
                        keys.writeInt64NoTag(-1);
                      }));
              part(
                  out,
                  5,
                  message(all -> part(all, 3, tensor(Torch.tensor(new float[] {0.5f, 1.5f}, 2)))));
            });
    for (byte[] bytes : List.of(byNumber, packed)) {
      OnnxValue.Dictionary d = (OnnxValue.Dictionary) read(bytes, new Declared.Dictionary(FLOATS));
      assertEquals(List.of(7L, -1L), List.copyOf(d.entries().keySet()));
      assertEquals(0.5, d.entries().get(7L).tensor("value").item());
      assertEquals(1.5, d.entries().get(-1L).tensor("value").item());
    }
    byte[] byName =
        message(
            out -> {
              out.writeString(4, "é");
              part(out, 5, message(all -> part(all, 3, strings("x"))));
            });
    OnnxValue.Dictionary d = (OnnxValue.Dictionary) read(byName, new Declared.Dictionary(TEXTS));
    assertEquals(Set.of("é"), d.entries().keySet());
    assertEquals(List.of("x"), ((OnnxValue.Texts) d.entries().get("é")).strings());
    byte[] uneven = message(out -> out.writeInt64(3, 7));
    assertThrows(TorchException.class, () -> read(uneven, new Declared.Dictionary(FLOATS)));
  }

  /** Up to ONNX 1.12. */
  @Test
  void bfloat16AsUnsigned() throws IOException {
    TensorProto proto =
        TensorProto.newBuilder()
            .setDataType(ElementType.UINT16.code())
            .addDims(2)
            .addInt32Data(0x3fc0)
            .addInt32Data(0xc000)
            .build();
    OnnxValue.Numbers n =
        (OnnxValue.Numbers) read(proto.toByteArray(), new Declared.Elements(ElementType.BFLOAT16));
    assertEquals(ElementType.BFLOAT16, n.type());
    assertEquals(0, TestData.largestDifference(OneNode.floats(1.5, -2), n.tensor()));
  }
}
