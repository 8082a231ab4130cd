package dev.flambeau.torch.serialize;

import dev.flambeau.torch.TorchException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Python's pickles as data: a machine with a stack that builds dictionaries, lists, numbers and
 * texts. It runs nothing: names of classes and functions go to a {@link Names}, which knows what it
 * allows. Each instruction makes at most one object, so a pickle's length bounds the memory.
 * Protocols 2 to 5 (Python's pickletools); of 0 and 1 what PyTorch ever wrote.
 */
final class PickleReader {
  /** What names and references mean. */
  interface Names {
    /** The value a name stands for. */
    Object global(String module, String name);

    /** The result of a call of such a value. */
    Object call(Object function, List<?> arguments);

    /** An object kept outside the pickle. */
    Object persistent(Object id);
  }

  private static final Object MARK = new Object();

  private final ByteBuffer in;
  private final Names names;
  private final String file;
  private final ArrayList<Object> stack = new ArrayList<>();
  private final ArrayDeque<Integer> marks = new ArrayDeque<>();
  private final Map<Long, Object> memo = new HashMap<>();

  /** Reads one pickle from the buffer's position, which is then behind it. */
  PickleReader(ByteBuffer in, Names names, String file) {
    this.in = in.order(ByteOrder.LITTLE_ENDIAN);
    this.names = names;
    this.file = file;
  }

  /**
   * The object.
   *
   * @throws TorchException if the pickle is not sound or names something that is not allowed
   */
  Object read() {
    while (true) {
      int opcode = in.get(length(1)) & 0xff;
      in.position(in.position() + 1);
      if (opcode == '.') {
        return pop();
      }
      if (!literal(opcode) && !container(opcode)) {
        machine(opcode);
      }
    }
  }

  private TorchException wrong(String problem) {
    return TorchException.format(file, "pickle: " + problem + " before byte " + in.position());
  }

  /** The position, after a check that so many bytes follow. */
  private int length(long bytes) {
    if (bytes < 0 || bytes > in.remaining()) {
      throw wrong("ends within a value of " + bytes + " bytes");
    }
    return in.position();
  }

  private byte[] bytes(long count) {
    length(count);
    byte[] all = new byte[(int) count];
    in.get(all);
    return all;
  }

  private int u1() {
    length(1);
    return in.get() & 0xff;
  }

  private long u4() {
    length(4);
    return in.getInt() & 0xffffffffL;
  }

  private long s8() {
    length(8);
    return in.getLong();
  }

  private String text(long count) {
    return new String(bytes(count), StandardCharsets.UTF_8);
  }

  private String line() {
    int from = in.position();
    while (u1() != '\n') {
      // until the end of the line
    }
    byte[] all = new byte[in.position() - 1 - from];
    in.get(from, all);
    return new String(all, StandardCharsets.UTF_8);
  }

  private void push(Object value) {
    stack.add(value);
  }

  private Object pop() {
    int bottom = marks.isEmpty() ? 0 : marks.peek();
    if (stack.size() <= bottom) {
      throw wrong("takes from an empty stack");
    }
    return stack.removeLast();
  }

  private <T> T top(Class<T> type) {
    if (stack.isEmpty() || !type.isInstance(stack.getLast())) {
      throw wrong("expects a " + type.getSimpleName() + " on the stack");
    }
    return type.cast(stack.getLast());
  }

  /** What lies above the last mark. */
  private List<Object> marked() {
    if (marks.isEmpty()) {
      throw wrong("has no mark");
    }
    List<Object> part = stack.subList(marks.pop(), stack.size());
    List<Object> all = new ArrayList<>(part);
    part.clear();
    return all;
  }

  private boolean literal(int opcode) {
    switch (opcode) {
      case 'N' -> push(null);
      case 0x88 -> push(true);
      case 0x89 -> push(false);
      case 'K' -> push((long) u1());
      case 'M' -> push((long) (u1() | u1() << 8));
      case 'J' -> push((long) (int) u4());
      case 'I' -> push(decimal(line()));
      case 'L' -> push(decimal(line().replace("L", "")));
      case 0x8a -> push(integer(bytes(u1())));
      case 0x8b -> push(integer(bytes(u4())));
      case 'G' -> push(Double.longBitsToDouble(Long.reverseBytes(s8())));
      case 'X' -> push(text(u4()));
      case 0x8c -> push(text(u1()));
      case 0x8d -> push(text(s8()));
      case 'U' -> push(text(u1()));
      case 'T' -> push(text(u4()));
      case 'B' -> push(bytes(u4()));
      case 'C' -> push(bytes(u1()));
      case 0x8e -> push(bytes(s8()));
      default -> {
        return false;
      }
    }
    return true;
  }

  private Object decimal(String digits) {
    try {
      return switch (digits) {
        case "00" -> false;
        case "01" -> true;
        default -> small(new BigInteger(digits));
      };
    } catch (NumberFormatException _) {
      throw wrong("has a number that is none");
    }
  }

  private static Object small(BigInteger value) {
    return value.bitLength() < 64 ? (Object) value.longValue() : value;
  }

  private static Object integer(byte[] littleEndian) {
    byte[] big = new byte[littleEndian.length];
    for (int i = 0; i < big.length; i++) {
      big[i] = littleEndian[big.length - 1 - i];
    }
    return big.length == 0 ? (Object) 0L : small(new BigInteger(big));
  }

  private boolean container(int opcode) {
    switch (opcode) {
      case '}' -> push(new LinkedHashMap<>());
      case ']' -> push(new ArrayList<>());
      case ')' -> push(List.of());
      case 0x8f -> push(new LinkedHashSet<>());
      case 't' -> push(Collections.unmodifiableList(marked()));
      case 'l' -> push(marked());
      case 'd' -> {
        List<Object> all = marked();
        push(new LinkedHashMap<>());
        items(all);
      }
      case 0x91 -> {
        List<Object> all = marked();
        push(new LinkedHashSet<>());
        members(all);
      }
      case 0x85 -> tuple(1);
      case 0x86 -> tuple(2);
      case 0x87 -> tuple(3);
      case 'a' -> {
        Object value = pop();
        list().add(value);
      }
      case 'e' -> {
        List<Object> all = marked();
        list().addAll(all);
      }
      case 's' -> {
        Object value = pop();
        items(Arrays.asList(pop(), value));
      }
      case 'u' -> items(marked());
      case 0x90 -> members(marked());
      default -> {
        return false;
      }
    }
    return true;
  }

  private void tuple(int size) {
    Object[] all = new Object[size];
    for (int i = size - 1; i >= 0; i--) {
      all[i] = pop();
    }
    push(Collections.unmodifiableList(Arrays.asList(all)));
  }

  @SuppressWarnings("unchecked") // made here
  private List<Object> list() {
    return top(ArrayList.class);
  }

  @SuppressWarnings("unchecked") // made here
  private void items(List<Object> all) {
    if (all.size() % 2 != 0) {
      throw wrong("has a key without a value");
    }
    Map<Object, Object> map = top(LinkedHashMap.class);
    for (int i = 0; i < all.size(); i += 2) {
      map.put(key(all.get(i), 0), all.get(i + 1));
    }
  }

  @SuppressWarnings("unchecked") // made here
  private void members(List<Object> all) {
    Set<Object> set = top(LinkedHashSet.class);
    all.forEach(m -> set.add(key(m, 0)));
  }

  /** Keys are plain values and tuples of them: their hashes end. */
  private Object key(Object key, int depth) {
    boolean plain =
        key == null
            || key instanceof String
            || key instanceof Number
            || key instanceof Boolean
            || key instanceof Enum<?>;
    if (!plain) {
      if (!(key instanceof List<?> parts) || key instanceof ArrayList<?> || depth > 4) {
        throw wrong("has a key that is no text, number or tuple of these");
      }
      parts.forEach(p -> key(p, depth + 1));
    }
    return key;
  }

  private void machine(int opcode) {
    switch (opcode) {
      case 0x80 -> {
        int protocol = u1();
        if (protocol > 5) {
          throw wrong("has protocol " + protocol + "; allowed: 0 to 5");
        }
      }
      case 0x95 -> s8();
      case '(' -> marks.push(stack.size());
      case '0' -> pop();
      case '1' -> marked();
      case '2' -> push(top(Object.class));
      case 'q' -> memo.put((long) u1(), top(Object.class));
      case 'r' -> memo.put(u4(), top(Object.class));
      case 'p' -> memo.put(Long.valueOf(decimal(line()) + ""), top(Object.class));
      case 0x94 -> memo.put((long) memo.size(), top(Object.class));
      case 'h' -> remembered(u1());
      case 'j' -> remembered(u4());
      case 'g' -> remembered(((Number) decimal(line())).longValue());
      case 'c' -> push(names.global(line(), line()));
      case 0x93 -> {
        Object name = pop();
        push(names.global(String.valueOf(pop()), String.valueOf(name)));
      }
      case 'Q' -> push(names.persistent(pop()));
      case 'R', 0x81 -> {
        Object arguments = pop();
        if (!(arguments instanceof List<?> list)) {
          throw wrong("calls without a tuple of arguments");
        }
        push(names.call(pop(), list));
      }
      // Attributes, such as the versions of a state dict's modules: data here has none.
      case 'b' -> pop();
      default -> throw wrong("has instruction 0x%02x, which is not read".formatted(opcode));
    }
  }

  private void remembered(long index) {
    Object value = memo.getOrDefault(index, MARK);
    if (value == MARK) {
      throw wrong("refers to object " + index + ", which is not there");
    }
    push(value);
  }
}
