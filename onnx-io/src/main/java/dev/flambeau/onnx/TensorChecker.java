package dev.flambeau.onnx;

import dev.flambeau.onnx.proto.SparseTensorProto;
import dev.flambeau.onnx.proto.TensorProto;
import dev.flambeau.onnx.proto.TypeProto;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Tensors of a file: known element types, data in one place and as long as the shape says. */
final class TensorChecker {
  private static final Set<ElementType> KEYS =
      EnumSet.of(
          ElementType.INT8,
          ElementType.INT16,
          ElementType.INT32,
          ElementType.INT64,
          ElementType.UINT8,
          ElementType.UINT16,
          ElementType.UINT32,
          ElementType.UINT64,
          ElementType.STRING);

  private final Faults faults;
  private final TensorReader reader;
  private final boolean file;

  /** A field that holds data: its name and how many values it has. */
  private record Field(String name, long count) {}

  /**
   * @param file whether data beside the model can be looked at
   */
  TensorChecker(Faults faults, TensorReader reader, boolean file) {
    this.faults = faults;
    this.reader = reader;
    this.file = file;
  }

  /** A declared type; with {@code whole} a tensor must say its shape. */
  void type(TypeProto type, String where, boolean whole) {
    switch (type.getValueCase()) {
      case TENSOR_TYPE -> {
        element(type.getTensorType().getElemType(), where);
        if (whole && !type.getTensorType().hasShape()) {
          faults.add(where, "without a shape");
        }
      }
      case SPARSE_TENSOR_TYPE -> {
        element(type.getSparseTensorType().getElemType(), where);
        if (whole && !type.getSparseTensorType().hasShape()) {
          faults.add(where, "without a shape");
        }
      }
      case SEQUENCE_TYPE -> type(type.getSequenceType().getElemType(), where, false);
      case OPTIONAL_TYPE -> type(type.getOptionalType().getElemType(), where, false);
      case MAP_TYPE -> {
        int key = type.getMapType().getKeyType();
        if (ElementType.of(key).filter(KEYS::contains).isEmpty()) {
          faults.add(where, "a map with keys of type " + key + "; integers or strings");
        }
        type(type.getMapType().getValueType(), where, false);
      }
      case VALUE_NOT_SET -> faults.add(where, "without a type");
    }
  }

  private boolean element(int code, String where) {
    boolean known = ElementType.of(code).isPresent();
    if (!known) {
      faults.add(where, "element type " + code + " is unknown; 1 to 26");
    }
    return known;
  }

  void check(TensorProto t, String where) {
    if (!element(t.getDataType(), where)) {
      return;
    }
    ElementType type = ElementType.of(t.getDataType()).orElseThrow();
    Size all = Size.ONE;
    for (long dim : t.getDimsList()) {
      all = dim < 0 ? Size.UNKNOWN : all.times(dim);
    }
    if (!all.isNumber() || all.number() > Long.MAX_VALUE / 128) {
      faults.add(where, "dims " + t.getDimsList());
      return;
    }
    if (t.hasSegment()) {
      faults.add(where, "a segment of a tensor; ONNX does not say how segments are put together");
      return;
    }
    long bytes = (all.number() * type.bits() + 7) / 8;
    List<Field> fields = fields(t);
    if (t.getDataLocation() == TensorProto.DataLocation.EXTERNAL) {
      if (!fields.isEmpty()) {
        faults.add(where, "data in another file and in " + fields.getFirst().name);
      }
      external(t, type, bytes, where);
    } else if (all.number() == 0 && !fields.isEmpty()) {
      faults.add(where, "no elements, but data in " + fields.getFirst().name);
    } else if (all.number() > 0 && fields.size() != 1) {
      String got = fields.isEmpty() ? "no data" : fields.stream().map(Field::name).toList() + "";
      faults.add(where, got + "; one field with data");
    } else if (!fields.isEmpty()) {
      data(fields.getFirst(), type, all.number(), bytes, where);
    }
  }

  private static List<Field> fields(TensorProto t) {
    List<Field> fields = new ArrayList<>();
    add(fields, "raw_data", t.getRawData().size());
    add(fields, "float_data", t.getFloatDataCount());
    add(fields, "int32_data", t.getInt32DataCount());
    add(fields, "string_data", t.getStringDataCount());
    add(fields, "int64_data", t.getInt64DataCount());
    add(fields, "double_data", t.getDoubleDataCount());
    add(fields, "uint64_data", t.getUint64DataCount());
    return fields;
  }

  private static void add(List<Field> fields, String name, long count) {
    if (count > 0) {
      fields.add(new Field(name, count));
    }
  }

  private void data(Field field, ElementType type, long count, long bytes, String where) {
    if (field.name.equals("raw_data")) {
      if (type == ElementType.STRING) {
        faults.add(where, "strings in raw_data; string_data");
      } else if (field.count != bytes) {
        faults.add(where, field.count + " bytes, " + bytes + " by its shape");
      }
      return;
    }
    String home =
        switch (type) {
          case FLOAT, COMPLEX64 -> "float_data";
          case DOUBLE, COMPLEX128 -> "double_data";
          case INT64 -> "int64_data";
          case UINT32, UINT64 -> "uint64_data";
          case STRING -> "string_data";
          default -> "int32_data";
        };
    if (!field.name.equals(home)) {
      faults.add(where, type + " in " + field.name + "; " + home + " or raw_data");
      return;
    }
    boolean complex = type == ElementType.COMPLEX64 || type == ElementType.COMPLEX128;
    boolean packed = type.bits() > 0 && type.bits() < 8;
    long wanted = packed ? bytes : complex ? 2 * count : count;
    // Bytes of several elements may also be packed four to a number.
    boolean fits = field.count == wanted || packed && field.count == (wanted + 3) / 4;
    if (!fits) {
      faults.add(where, field.count + " values, " + wanted + " by its shape");
    }
  }

  private void external(TensorProto t, ElementType type, long bytes, String where) {
    if (type == ElementType.STRING) {
      faults.add(where, "strings in another file; string_data");
    } else if (t.getExternalDataList().stream().noneMatch(e -> e.getKey().equals("location"))) {
      faults.add(where, "data in another file without its location");
    } else if (file) {
      try {
        long length = reader.externalBytes(t, where);
        if (length != bytes) {
          faults.add(where, length + " bytes in another file, " + bytes + " by its shape");
        }
      } catch (TorchException e) {
        faults.add(e.getMessage());
      }
    }
  }

  /** Values with their places, in order, within the shape. */
  void check(SparseTensorProto sparse, String where) {
    TensorProto values = sparse.getValues();
    TensorProto indices = sparse.getIndices();
    check(values, where);
    Size all = Size.ONE;
    for (long dim : sparse.getDimsList()) {
      all = dim < 1 ? Size.UNKNOWN : all.times(dim);
    }
    if (sparse.getDimsCount() == 0 || !all.isNumber()) {
      faults.add(where, "dims " + sparse.getDimsList() + "; one or more, all positive");
      return;
    }
    if (values.getDimsCount() != 1) {
      faults.add(where, "values " + values.getDimsList() + "; one axis");
      return;
    }
    long count = values.getDims(0);
    if (!sparse.hasIndices()) {
      if (count != 0) {
        faults.add(where, count + " values without indices");
      }
      return;
    }
    check(indices, where + ", indices");
    List<Long> shape = indices.getDimsList();
    boolean fits = shape.size() == 1 || shape.size() == 2 && shape.get(1) == sparse.getDimsCount();
    if (indices.getDataType() != ElementType.INT64.code() || !fits || shape.getFirst() != count) {
      faults.add(
          where,
          "indices %s of type %d; INT64 [%d] or [%d, %d]"
              .formatted(shape, indices.getDataType(), count, count, sparse.getDimsCount()));
      return;
    }
    places(sparse, all.number(), where);
  }

  private void places(SparseTensorProto sparse, long all, String where) {
    long[] at;
    try {
      if (!(reader.read(sparse.getIndices()) instanceof OnnxValue.Numbers(Tensor t, _))) {
        return;
      }
      at = t.toLongArray();
    } catch (TorchException e) {
      // What is wrong with the data has been said.
      return;
    }
    int width = sparse.getIndices().getDimsCount() == 1 ? 1 : sparse.getDimsCount();
    long before = -1;
    for (int i = 0; i < at.length; i += width) {
      long place = 0;
      for (int k = 0; k < width; k++) {
        long size = sparse.getIndices().getDimsCount() == 1 ? all : sparse.getDims(k);
        if (at[i + k] < 0 || at[i + k] >= size) {
          faults.add(where, "index " + at[i + k] + " of " + size);
          return;
        }
        place = place * size + at[i + k];
      }
      if (place <= before) {
        faults.add(where, "indices are not in order");
        return;
      }
      before = place;
    }
  }
}
