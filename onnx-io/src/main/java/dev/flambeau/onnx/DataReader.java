package dev.flambeau.onnx;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.ExtensionRegistryLite;
import com.google.protobuf.WireFormat;
import dev.flambeau.onnx.proto.SparseTensorProto;
import dev.flambeau.onnx.proto.TensorProto;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.TorchException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Values from files of ONNX's test data: TensorProto, SequenceProto, MapProto and OptionalProto
 * ({@code onnx-data.proto}).
 */
final class DataReader {
  private static final int DEEPEST = 16;

  private final TensorReader tensors;

  DataReader(TensorReader tensors) {
    this.tensors = tensors;
  }

  /** What a field with a value in it holds. */
  private enum Kind {
    TENSOR,
    SPARSE,
    SEQUENCE,
    MAP,
    OPTIONAL
  }

  /**
   * The value in a file.
   *
   * @param like the type declared for it
   */
  OnnxValue read(byte[] bytes, Declared like) throws IOException {
    CodedInputStream in = CodedInputStream.newInstance(bytes);
    return switch (like) {
      case Declared.Any _, Declared.Elements _ -> tensors.read(labelled(bytes, like));
      case Declared.Sequence _ -> like.check(sequence(in, 0), tensors.file());
      case Declared.Dictionary _ -> like.check(map(in, 0), tensors.file());
      case Declared.Perhaps _ -> like.check(optional(in, 0), tensors.file());
    };
  }

  /** Up to ONNX 1.12, BFLOAT16 was written as UINT16 with the same bits. */
  private static TensorProto labelled(byte[] bytes, Declared like) throws IOException {
    TensorProto proto = TensorProto.parseFrom(bytes);
    boolean old =
        like instanceof Declared.Elements(ElementType type)
            && type == ElementType.BFLOAT16
            && proto.getDataType() == ElementType.UINT16.code();
    return old ? proto.toBuilder().setDataType(ElementType.BFLOAT16.code()).build() : proto;
  }

  private OnnxValue sequence(CodedInputStream in, int depth) throws IOException {
    List<OnnxValue> items = new ArrayList<>();
    while (!in.isAtEnd()) {
      int tag = in.readTag();
      switch (WireFormat.getTagFieldNumber(tag)) {
        case 3 -> items.add(message(in, Kind.TENSOR, depth));
        case 4 -> items.add(message(in, Kind.SPARSE, depth));
        case 5 -> items.add(message(in, Kind.SEQUENCE, depth));
        case 6 -> items.add(message(in, Kind.MAP, depth));
        case 7 -> items.add(message(in, Kind.OPTIONAL, depth));
        default -> in.skipField(tag);
      }
    }
    return new OnnxValue.Sequence(items);
  }

  private OnnxValue optional(CodedInputStream in, int depth) throws IOException {
    Optional<OnnxValue> value = Optional.empty();
    while (!in.isAtEnd()) {
      int tag = in.readTag();
      switch (WireFormat.getTagFieldNumber(tag)) {
        case 3 -> value = Optional.of(message(in, Kind.TENSOR, depth));
        case 4 -> value = Optional.of(message(in, Kind.SPARSE, depth));
        case 5 -> value = Optional.of(message(in, Kind.SEQUENCE, depth));
        case 6 -> value = Optional.of(message(in, Kind.MAP, depth));
        case 7 -> value = Optional.of(message(in, Kind.OPTIONAL, depth));
        default -> in.skipField(tag);
      }
    }
    return value.orElse(new OnnxValue.Nothing());
  }

  /** Keys are numbers, packed or not, or strings; the values are a sequence as long. */
  private OnnxValue map(CodedInputStream in, int depth) throws IOException {
    List<Object> keys = new ArrayList<>();
    List<OnnxValue> values = new ArrayList<>();
    while (!in.isAtEnd()) {
      int tag = in.readTag();
      boolean bytes = WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED;
      switch (WireFormat.getTagFieldNumber(tag)) {
        case 3 -> {
          CodedInputStream packed = bytes ? in.readBytes().newCodedInput() : in;
          do {
            keys.add(packed.readInt64());
          } while (bytes && !packed.isAtEnd());
        }
        case 4 -> keys.add(in.readBytes().toString(StandardCharsets.UTF_8));
        case 5 -> {
          OnnxValue.Sequence all = (OnnxValue.Sequence) message(in, Kind.SEQUENCE, depth);
          all.items().forEach(item -> values.addAll(scalars(item)));
        }
        default -> in.skipField(tag);
      }
    }
    if (keys.size() != values.size()) {
      throw TorchException.format(
          tensors.file(), "a map of " + keys.size() + " keys and " + values.size() + " values");
    }
    Map<Object, OnnxValue> entries = new LinkedHashMap<>();
    for (int i = 0; i < keys.size(); i++) {
      entries.put(keys.get(i), values.get(i));
    }
    return new OnnxValue.Dictionary(entries);
  }

  /** The values of a map may stand one by one or as the elements of one tensor. */
  private static List<OnnxValue> scalars(OnnxValue value) {
    return switch (value) {
      case OnnxValue.Numbers n when n.tensor().dim() == 1 -> {
        List<OnnxValue> out = new ArrayList<>();
        for (long i = 0; i < n.tensor().size(0); i++) {
          out.add(new OnnxValue.Numbers(n.tensor().select(0, i), n.type()));
        }
        yield out;
      }
      case OnnxValue.Texts t when t.shape().rank() == 1 ->
          t.strings().stream()
              .map(s -> (OnnxValue) new OnnxValue.Texts(List.of(s), Shape.of()))
              .toList();
      default -> List.of(value);
    };
  }

  private OnnxValue message(CodedInputStream in, Kind kind, int depth) throws IOException {
    if (depth > DEEPEST) {
      throw TorchException.format(tensors.file(), "values nested more than " + DEEPEST + " deep");
    }
    CodedInputStream inside = in.readBytes().newCodedInput();
    ExtensionRegistryLite none = ExtensionRegistryLite.getEmptyRegistry();
    return switch (kind) {
      case TENSOR -> tensors.read(TensorProto.parseFrom(inside, none));
      case SPARSE -> tensors.read(SparseTensorProto.parseFrom(inside, none));
      case SEQUENCE -> sequence(inside, depth + 1);
      case MAP -> map(inside, depth + 1);
      case OPTIONAL -> optional(inside, depth + 1);
    };
  }
}
