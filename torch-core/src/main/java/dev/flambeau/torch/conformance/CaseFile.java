package dev.flambeau.torch.conformance;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import dev.flambeau.torch.catalog.Catalog;
import dev.flambeau.torch.catalog.Entry;
import dev.flambeau.torch.serialize.Safetensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** One file of what PyTorch answers: a header, cases and their tensors. */
final class CaseFile {
  private final String file;
  private final Map<?, ?> header;
  private final Map<String, Tensor> tensors;

  private CaseFile(String file, Map<?, ?> header, Map<String, Tensor> tensors) {
    this.file = file;
    this.header = header;
    this.tensors = tensors;
  }

  /**
   * Reads a file.
   *
   * @throws TorchException if it is not a sound file of samples
   */
  static CaseFile read(Path path) throws IOException {
    String file = path.toString();
    String cases = Safetensors.metadata(path).get("cases");
    if (cases == null) {
      throw TorchException.format(file, "has no metadata named cases");
    }
    Object header = JsonTree.parse(cases, file + ": cases");
    if (!(header instanceof Map<?, ?> map)) {
      throw TorchException.format(file, "cases is no object");
    }
    return new CaseFile(file, map, Safetensors.load(path));
  }

  /** The file's path, for messages. */
  String path() {
    return file;
  }

  /** A field of the header that must be text. */
  String text(String name) {
    return get(header, name, String.class);
  }

  /** PyTorch's name of the operator. */
  String operator() {
    return text("op");
  }

  /** What kind of samples these are; often empty. */
  String variant() {
    return text("variant");
  }

  /** The entry of this kind of samples, or else the operator's. */
  Optional<Entry> entry() {
    return Catalog.find(operator() + "." + variant()).or(() -> Catalog.find(operator()));
  }

  /** The cases; {@code stored} makes the copies of their inputs. */
  List<Case> cases(UnaryOperator<Tensor> stored) {
    List<Case> all = new ArrayList<>();
    for (Object c : get(header, "cases", List.class)) {
      if (!(c instanceof Map<?, ?> map)) {
        throw TorchException.format(file, "a case is no object");
      }
      all.add(new Case(this, map, stored));
    }
    return all;
  }

  /** A field that must be there and of this type. */
  <T> T get(Map<?, ?> from, String name, Class<T> type) {
    Object value = from.get(name);
    if (!type.isInstance(value)) {
      throw TorchException.format(
          file, name + " is " + value + " where a " + type.getSimpleName() + " belongs");
    }
    return type.cast(value);
  }

  Tensor tensor(Object name) {
    Tensor t = tensors.get(String.valueOf(name));
    if (t == null) {
      throw TorchException.format(file, "has no tensor " + name);
    }
    return t;
  }

  DType dtype(Object name) {
    for (DType type : DType.values()) {
      if (type.name().equals(name)) {
        return type;
      }
    }
    throw new UnknownType(String.valueOf(name));
  }

  TorchException wrong(String message) {
    return TorchException.format(file, message);
  }

  /** An element type we do not have. */
  static final class UnknownType extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnknownType(String name) {
      super("dtype " + name);
    }
  }
}
