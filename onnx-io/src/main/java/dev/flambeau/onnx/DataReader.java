package dev.flambeau.onnx;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.ExtensionRegistryLite;
import com.google.protobuf.WireFormat;
import dev.flambeau.onnx.proto.TensorProto;
import dev.flambeau.torch.TorchException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Values from files of ONNX's test data: TensorProto, SequenceProto and OptionalProto ({@code
 * onnx-data.proto}).
 */
final class DataReader {
  private static final int DEEPEST = 16;
  private static final int TENSOR = 1;
  private static final int SEQUENCE = 3;
  private static final int OPTIONAL = 5;

  private final TensorReader tensors;

  DataReader(TensorReader tensors) {
    this.tensors = tensors;
  }

  /**
   * The value in a file.
   *
   * @param like the type declared for it
   */
  OnnxValue read(byte[] bytes, Declared like) throws IOException {
    CodedInputStream in = CodedInputStream.newInstance(bytes);
    boolean other = like instanceof Declared.Other;
    if (!other) {
      return tensors.read(TensorProto.parseFrom(bytes));
    }
    return switch (((Declared.Other) like).kind()) {
      case SEQUENCE -> sequence(in, 0);
      case OPTIONAL -> optional(in, 0);
      case MAP -> throw TorchException.format(tensors.file(), "maps are not read");
    };
  }

  private OnnxValue sequence(CodedInputStream in, int depth) throws IOException {
    List<OnnxValue> items = new ArrayList<>();
    while (!in.isAtEnd()) {
      int tag = in.readTag();
      switch (WireFormat.getTagFieldNumber(tag)) {
        case 3 -> items.add(message(in, TENSOR, depth));
        case 5 -> items.add(message(in, SEQUENCE, depth));
        case 7 -> items.add(message(in, OPTIONAL, depth));
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
        case 3 -> value = Optional.of(message(in, TENSOR, depth));
        case 5 -> value = Optional.of(message(in, SEQUENCE, depth));
        case 7 -> value = Optional.of(message(in, OPTIONAL, depth));
        default -> in.skipField(tag);
      }
    }
    return value.orElse(new OnnxValue.Nothing());
  }

  private OnnxValue message(CodedInputStream in, int kind, int depth) throws IOException {
    if (depth > DEEPEST) {
      throw TorchException.format(tensors.file(), "values nested more than " + DEEPEST + " deep");
    }
    CodedInputStream inside = in.readBytes().newCodedInput();
    return switch (kind) {
      case SEQUENCE -> sequence(inside, depth + 1);
      case OPTIONAL -> optional(inside, depth + 1);
      default ->
          tensors.read(TensorProto.parseFrom(inside, ExtensionRegistryLite.getEmptyRegistry()));
    };
  }
}
