package dev.flambeau.onnx;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.flambeau.onnx.proto.ModelProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A model with some fields changed, so that it is still a message: numbers to extremes, texts to
 * others that stand in the model, parts doubled, exchanged or left out. Reaches what lies behind
 * the parser.
 */
final class Mutations {
  private static final long[] NUMBERS = {
    0,
    1,
    2,
    3,
    7,
    8,
    10,
    16,
    64,
    1000,
    -1,
    -2,
    -3,
    65536,
    Integer.MAX_VALUE,
    Integer.MIN_VALUE,
    1L << 33,
    Long.MAX_VALUE,
    Long.MIN_VALUE
  };

  private final Random random;
  private final List<Object> texts = new ArrayList<>();

  private Mutations(Random random) {
    this.random = random;
  }

  static ModelProto of(ModelProto model, Random random) {
    Mutations m = new Mutations(random);
    m.collect(model);
    ModelProto.Builder changed = model.toBuilder();
    for (int i = random.nextInt(3); i >= 0; i--) {
      m.change(changed);
    }
    return changed.buildPartial();
  }

  private void collect(Message message) {
    message
        .getAllFields()
        .forEach(
            (field, value) -> {
              for (Object one : value instanceof List<?> list ? list : List.of(value)) {
                if (one instanceof Message inner) {
                  collect(inner);
                } else if (field.getJavaType() == FieldDescriptor.JavaType.STRING) {
                  texts.add(one);
                }
              }
            });
  }

  /** Goes down to a field at random and changes it. */
  private void change(Message.Builder at) {
    List<FieldDescriptor> fields = new ArrayList<>(at.getAllFields().keySet());
    if (fields.isEmpty()) {
      return;
    }
    FieldDescriptor field = fields.get(random.nextInt(fields.size()));
    if (!field.isRepeated()) {
      if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE && random.nextInt(12) > 0) {
        change(at.getFieldBuilder(field));
      } else if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE
          || random.nextInt(12) == 0) {
        at.clearField(field);
      } else {
        at.setField(field, other(field, at.getField(field)));
      }
      return;
    }
    int count = at.getRepeatedFieldCount(field);
    int i = random.nextInt(count);
    int choice = random.nextInt(16);
    if (choice == 0) {
      at.addRepeatedField(field, at.getRepeatedField(field, random.nextInt(count)));
    } else if (choice == 1) {
      Object one = at.getRepeatedField(field, i);
      int k = random.nextInt(count);
      at.setRepeatedField(field, i, at.getRepeatedField(field, k));
      at.setRepeatedField(field, k, one);
    } else if (choice == 2) {
      List<Object> left = new ArrayList<>((List<?>) at.getField(field));
      left.remove(i);
      at.setField(field, left);
    } else if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
      Message.Builder inner = ((Message) at.getRepeatedField(field, i)).toBuilder();
      change(inner);
      at.setRepeatedField(field, i, inner.buildPartial());
    } else {
      at.setRepeatedField(field, i, other(field, at.getRepeatedField(field, i)));
    }
  }

  private Object other(FieldDescriptor field, Object value) {
    long number = NUMBERS[random.nextInt(NUMBERS.length)];
    return switch (field.getJavaType()) {
      case INT -> (int) number;
      case LONG -> number;
      case FLOAT -> random.nextInt(4) == 0 ? Float.NaN : (float) number;
      case DOUBLE -> random.nextInt(4) == 0 ? Double.NaN : (double) number;
      case BOOLEAN -> !((Boolean) value);
      case STRING -> texts.get(random.nextInt(texts.size()));
      case BYTE_STRING -> bytes((com.google.protobuf.ByteString) value);
      case ENUM -> {
        var values = field.getEnumType().getValues();
        yield values.get(random.nextInt(values.size()));
      }
      case MESSAGE -> value;
    };
  }

  /** Raw data with a number in it changed: sizes, axes and indices among it. */
  private com.google.protobuf.ByteString bytes(com.google.protobuf.ByteString value) {
    if (value.isEmpty()) {
      return value;
    }
    ByteBuffer b = ByteBuffer.wrap(value.toByteArray()).order(ByteOrder.LITTLE_ENDIAN);
    long number = NUMBERS[random.nextInt(NUMBERS.length)];
    if (b.capacity() % 8 == 0) {
      b.putLong(8 * random.nextInt(b.capacity() / 8), number);
    } else {
      b.put(random.nextInt(b.capacity()), (byte) number);
    }
    return com.google.protobuf.ByteString.copyFrom(b.array());
  }
}
