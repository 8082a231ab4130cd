package dev.flambeau.torch.serialize;

import dev.flambeau.torch.DType;
import dev.flambeau.torch.Layout;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.Storage;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/**
 * The names a checkpoint may use: what PyTorch's {@code weights_only} allows of tensors and
 * containers. All others are refused, by name, before anything happens.
 */
abstract class PickleNames implements PickleReader.Names {
  /** The kind of a storage; empty for one that is untyped. */
  record StorageKind(DType type) {}

  /**
   * Memory of tensors, from an element on.
   *
   * @param type null if untyped
   */
  record Elements(Storage storage, DType type, long offset, long count) {}

  private record Function(String name) {}

  private static final StorageKind UNTYPED = new StorageKind(null);
  private static final Map<String, DType> STORAGES =
      Map.of(
          "FloatStorage", DType.F32,
          "DoubleStorage", DType.F64,
          "HalfStorage", DType.F16,
          "BFloat16Storage", DType.BF16,
          "LongStorage", DType.I64,
          "IntStorage", DType.I32,
          "ShortStorage", DType.I16,
          "CharStorage", DType.I8,
          "ByteStorage", DType.U8,
          "BoolStorage", DType.BOOL);
  static final Map<String, DType> TYPES =
      Map.of(
          "float32", DType.F32,
          "float64", DType.F64,
          "float16", DType.F16,
          "bfloat16", DType.BF16,
          "int64", DType.I64,
          "int32", DType.I32,
          "int16", DType.I16,
          "int8", DType.I8,
          "uint8", DType.U8,
          "bool", DType.BOOL);
  private static final List<String> FUNCTIONS =
      List.of(
          "collections.OrderedDict",
          "torch.Size",
          "torch.device",
          "torch.Tensor",
          "torch._tensor._rebuild_from_type_v2",
          "torch._utils._rebuild_parameter",
          "torch._utils._rebuild_tensor",
          "torch._utils._rebuild_tensor_v2",
          "torch._utils._rebuild_tensor_v3",
          "torch.nn.parameter.Parameter",
          "numpy.dtype",
          "numpy.core.multiarray.scalar",
          "numpy._core.multiarray.scalar",
          "_codecs.encode",
          "builtins.set",
          "builtins.frozenset",
          "builtins.bytearray",
          "__builtin__.set",
          "__builtin__.bytearray");
  private static final int AXES = 64;

  final String file;

  PickleNames(String file) {
    this.file = file;
  }

  /** The PyTorch name of a storage of this type. */
  static String storageName(DType type) {
    return STORAGES.entrySet().stream()
        .filter(e -> e.getValue() == type)
        .findFirst()
        .orElseThrow()
        .getKey();
  }

  static String typeName(DType type) {
    return TYPES.entrySet().stream()
        .filter(e -> e.getValue() == type)
        .findFirst()
        .orElseThrow()
        .getKey();
  }

  final TorchException wrong(String problem) {
    return TorchException.format(file, problem);
  }

  @Override
  public final Object global(String module, String name) {
    String full = module + "." + name;
    if (module.equals("torch") && STORAGES.containsKey(name)) {
      return new StorageKind(STORAGES.get(name));
    }
    if (full.equals("torch.storage.UntypedStorage") || full.equals("torch.UntypedStorage")) {
      return UNTYPED;
    }
    if (module.equals("torch") && TYPES.containsKey(name)) {
      return TYPES.get(name);
    }
    if (!FUNCTIONS.contains(full)) {
      throw wrong(
          "contains "
              + full
              + ", which is not loaded: it could run code. Allowed are tensors, numbers, texts and"
              + " containers; in PyTorch, save a state_dict");
    }
    return new Function(full);
  }

  @Override
  public final Object call(Object callee, List<?> a) {
    if (!(callee instanceof Function f)) {
      throw wrong("calls something that is no function");
    }
    try {
      return switch (f.name) {
        case "collections.OrderedDict" -> ordered(a);
        case "torch.Size" -> Shape.of(longs(a.get(0)));
        case "torch.device" -> a.size() < 2 ? text(a.get(0)) : text(a.get(0)) + ":" + a.get(1);
        case "torch._tensor._rebuild_from_type_v2" -> call(a.get(0), (List<?>) a.get(2));
        case "torch._utils._rebuild_parameter" ->
            ((Tensor) a.get(0)).requiresGrad((Boolean) a.get(1));
        case "torch._utils._rebuild_tensor" -> tensor(a, false, null);
        case "torch._utils._rebuild_tensor_v2" -> tensor(a, (Boolean) a.get(4), null);
        case "torch._utils._rebuild_tensor_v3" -> tensor(a, (Boolean) a.get(4), (DType) a.get(6));
        case "numpy.dtype" -> text(a.get(0));
        case "_codecs.encode" -> text(a.get(0)).getBytes(StandardCharsets.ISO_8859_1);
        case "builtins.set", "builtins.frozenset", "__builtin__.set" -> set(a);
        case "numpy.core.multiarray.scalar", "numpy._core.multiarray.scalar" ->
            scalar(text(a.get(0)), (byte[]) a.get(1));
        case "builtins.bytearray", "__builtin__.bytearray" ->
            a.isEmpty()
                ? new byte[0]
                : a.get(0) instanceof byte[] bytes
                    ? bytes
                    : text(a.get(0)).getBytes(StandardCharsets.ISO_8859_1);
        default -> throw wrong(f.name + " is called, which is a type");
      };
    } catch (ClassCastException | IndexOutOfBoundsException | NullPointerException _) {
      throw wrong(f.name + " is called with other arguments than PyTorch's");
    }
  }

  private static Map<Object, Object> ordered(List<?> a) {
    Map<Object, Object> map = new LinkedHashMap<>();
    if (!a.isEmpty()) {
      for (Object pair : (List<?>) a.get(0)) {
        map.put(text(((List<?>) pair).get(0)), ((List<?>) pair).get(1));
      }
    }
    return map;
  }

  private static Object set(List<?> a) {
    LinkedHashSet<Object> set = new LinkedHashSet<>();
    if (!a.isEmpty()) {
      for (Object member : (List<?>) a.get(0)) {
        set.add(member instanceof Number n ? n : text(member));
      }
    }
    return set;
  }

  private static String text(Object value) {
    return (String) value;
  }

  private static long[] longs(Object tuple) {
    if (tuple instanceof Shape shape) {
      return shape.sizes().clone();
    }
    List<?> list = (List<?>) tuple;
    long[] all = new long[list.size()];
    for (int i = 0; i < all.length; i++) {
      all[i] = (Long) list.get(i);
    }
    return all;
  }

  private Object scalar(String type, byte[] data) {
    ByteBuffer b = ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
    return switch (type.replaceAll("[<=|]", "")) {
      case "f8" -> b.getDouble(0);
      case "f4" -> (double) b.getFloat(0);
      case "f2" -> (double) Float.float16ToFloat(b.getShort(0));
      case "i8" -> b.getLong(0);
      case "i4" -> (long) b.getInt(0);
      case "i2" -> (long) b.getShort(0);
      case "i1" -> (long) b.get(0);
      case "u1" -> (long) (b.get(0) & 0xff);
      case "b1" -> b.get(0) != 0;
      default -> throw wrong("contains a number of numpy's type " + type + ", which is not read");
    };
  }

  private Tensor tensor(List<?> a, boolean requiresGrad, DType type) {
    Elements e = (Elements) a.get(0);
    long[] sizes = longs(a.get(2));
    long[] strides = longs(a.get(3));
    long offset = (Long) a.get(1);
    DType of = type != null ? type : e.type;
    if (of == null) {
      throw wrong("a tensor without an element type");
    }
    long room = e.type == null ? e.count / of.bytes() : e.count;
    if (!fits(sizes, strides, offset, room)) {
      throw wrong(
          "a tensor of sizes %s, strides %s and offset %d does not fit into %d elements"
              .formatted(List.of(box(sizes)), List.of(box(strides)), offset, room));
    }
    Layout layout = Layout.of(Shape.of(sizes), strides, offset + e.offset);
    Tensor t = new Tensor(e.storage, layout, of);
    return requiresGrad && of.isFloat() ? t.requiresGrad(true) : t;
  }

  private static Object[] box(long[] values) {
    List<Object> all = new ArrayList<>();
    for (long v : values) {
      all.add(v);
    }
    return all.toArray();
  }

  private static boolean fits(long[] sizes, long[] strides, long offset, long room) {
    if (sizes.length != strides.length || sizes.length > AXES || offset < 0 || offset > room) {
      return false;
    }
    try {
      long last = offset;
      long numel = 1;
      for (int i = 0; i < sizes.length; i++) {
        if (sizes[i] < 0 || strides[i] < 0) {
          return false;
        }
        numel = Math.multiplyExact(numel, sizes[i]);
        last = Math.addExact(last, Math.multiplyExact(Math.max(0, sizes[i] - 1), strides[i]));
      }
      return numel == 0 || last < room;
    } catch (ArithmeticException _) {
      return false;
    }
  }
}
