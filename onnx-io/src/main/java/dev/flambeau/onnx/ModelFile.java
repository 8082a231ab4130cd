package dev.flambeau.onnx;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import dev.flambeau.onnx.proto.GraphProto;
import dev.flambeau.onnx.proto.ModelProto;
import dev.flambeau.onnx.proto.NodeProto;
import dev.flambeau.onnx.proto.StringStringEntryProto;
import dev.flambeau.onnx.proto.TensorProto;
import dev.flambeau.torch.TorchException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * Writes models. The initializers of a large one go into a file of their own beside it, since a
 * protobuf message has less than 2 GB; that file is in place before the model is.
 */
final class ModelFile {
  /** What fits into one file with the nodes beside it. */
  static final long LARGEST = 1L << 30;

  /** Where initializers start in their file: whole pages, so that they can be mapped. */
  private static final int PAGE = 4096;

  private static final int BUFFER = 1 << 20;

  private ModelFile() {}

  @FunctionalInterface
  private interface Content {
    void writeTo(OutputStream out) throws IOException;
  }

  /** The bytes, if weights of more may be put into a file of their own. */
  static long checked(String method, long bytes) {
    if (bytes < 0 || bytes > LARGEST) {
      throw TorchException.argument(method, "externalDataAbove", bytes, "0 to " + LARGEST);
    }
    return bytes;
  }

  /** Bytes of a model with its weights, which one message could not hold. */
  static long size(ModelProto model) {
    GraphProto.Builder rest = model.getGraph().toBuilder().clearInitializer().clearNode();
    long bytes = model.toBuilder().setGraph(rest).buildPartial().getSerializedSize();
    for (TensorProto t : model.getGraph().getInitializerList()) {
      bytes += t.getSerializedSize();
    }
    for (NodeProto node : model.getGraph().getNodeList()) {
      bytes += node.getSerializedSize();
    }
    return bytes;
  }

  /** The file appears whole or not at all. */
  static void write(ModelProto model, Path target, long largest) {
    long bytes = 0;
    for (TensorProto t : model.getGraph().getInitializerList()) {
      bytes += t.getRawData().size();
    }
    try {
      if (bytes <= largest) {
        replace(target, out -> write(model, out));
      } else {
        Path data = target.resolveSibling(target.getFileName() + ".data");
        replace(data, out -> writeData(model.getGraph(), out));
        ModelProto small = external(model, data.getFileName().toString());
        replace(target, out -> write(small, out));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(target + ": " + e.getMessage(), e);
    }
  }

  private static void write(ModelProto model, OutputStream out) throws IOException {
    CodedOutputStream coded = CodedOutputStream.newInstance(out, BUFFER);
    model.writeTo(coded);
    coded.flush();
  }

  /** The file appears whole or not at all. */
  static void write(byte[] content, Path target) {
    try {
      replace(target, out -> out.write(content));
    } catch (IOException e) {
      throw new UncheckedIOException(target + ": " + e.getMessage(), e);
    }
  }

  private static void replace(Path target, Content content) throws IOException {
    Path folder = target.toAbsolutePath().getParent();
    Path temporary = Files.createTempFile(folder, ".onnx", ".part");
    try {
      try (OutputStream out = Files.newOutputStream(temporary)) {
        content.writeTo(out);
      }
      Files.move(
          temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  private static long aligned(long offset) {
    return (offset + PAGE - 1) / PAGE * PAGE;
  }

  private static void writeData(GraphProto graph, OutputStream out) throws IOException {
    long at = 0;
    for (TensorProto t : graph.getInitializerList()) {
      ByteString raw = t.getRawData();
      out.write(new byte[(int) (aligned(at) - at)]);
      raw.writeTo(out);
      at = aligned(at) + raw.size();
    }
  }

  private static ModelProto external(ModelProto model, String location) {
    ModelProto.Builder out = model.toBuilder();
    long at = 0;
    for (TensorProto.Builder t : out.getGraphBuilder().getInitializerBuilderList()) {
      if (!t.hasRawData()) {
        continue;
      }
      long start = aligned(at);
      long length = t.getRawData().size();
      t.clearRawData()
          .setDataLocation(TensorProto.DataLocation.EXTERNAL)
          .addExternalData(entry("location", location))
          .addExternalData(entry("offset", "" + start))
          .addExternalData(entry("length", "" + length));
      at = start + length;
    }
    return out.build();
  }

  private static StringStringEntryProto entry(String key, String value) {
    return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
  }
}
