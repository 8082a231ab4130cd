package dev.flambeau.torch.nn;

import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.TorchException;
import java.lang.reflect.Field;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The fields of a module class that hold tensors and modules, those of superclasses first, each
 * class's in the order they are written. Fields that are null or an empty Optional are left out.
 */
final class Members {
  private static final ClassValue<List<Member>> CACHE =
      new ClassValue<>() {
        @Override
        protected List<Member> computeValue(Class<?> type) {
          List<Member> members = new ArrayList<>();
          add(type, members);
          return List.copyOf(members);
        }
      };

  private record Member(String name, Field field, Optional<Buffer> buffer) {}

  private Members() {}

  private static void add(Class<?> type, List<Member> members) {
    if (type == Module.class) {
      return;
    }
    add(type.getSuperclass(), members);
    for (Field field : type.getDeclaredFields()) {
      if (Modifier.isStatic(field.getModifiers()) || field.isSynthetic() || !holds(field)) {
        continue;
      }
      try {
        field.setAccessible(true);
      } catch (InaccessibleObjectException e) {
        throw new IllegalStateException(
            type.getName()
                + "."
                + field.getName()
                + " cannot be read: add 'opens "
                + type.getPackageName()
                + " to dev.flambeau.torch' to module-info.java",
            e);
      }
      Name name = field.getAnnotation(Name.class);
      members.add(
          new Member(
              name == null ? snakeCase(field.getName()) : name.value(),
              field,
              Optional.ofNullable(field.getAnnotation(Buffer.class))));
    }
  }

  private static boolean holds(Field field) {
    Class<?> type = field.getType();
    return type == Tensor.class || type == Optional.class || Module.class.isAssignableFrom(type);
  }

  /** {@code runningMean} becomes {@code running_mean}; names with underscores stay. */
  static String snakeCase(String name) {
    return name.replaceAll("(?<=[a-z0-9])(?=[A-Z])", "_").toLowerCase(Locale.ROOT);
  }

  static Map<String, Tensor> parameters(Module module) {
    return find(module, Tensor.class, m -> m.buffer.isEmpty());
  }

  static Map<String, Tensor> buffers(Module module, boolean persistentOnly) {
    return find(
        module,
        Tensor.class,
        m -> m.buffer.isPresent() && (m.buffer.get().persistent() || !persistentOnly));
  }

  static Map<String, Module> children(Module module) {
    return find(module, Module.class, _ -> true);
  }

  private static <T> Map<String, T> find(Module module, Class<T> type, Predicate<Member> wanted) {
    Map<String, T> found = new LinkedHashMap<>();
    for (Member member : CACHE.get(module.getClass())) {
      Object value = read(member.field, module);
      if (value instanceof Optional<?> optional) {
        value = optional.orElse(null);
      }
      if (type.isInstance(value)
          && wanted.test(member)
          && found.put(member.name, type.cast(value)) != null) {
        throw TorchException.argument(
            module.getClass().getSimpleName(),
            "fields",
            "two named " + member.name,
            "one field per name; use @Name");
      }
    }
    return found;
  }

  static void set(Module module, String name, Tensor tensor) {
    for (Member member : CACHE.get(module.getClass())) {
      Class<?> type = member.field.getType();
      if (member.name.equals(name) && (type == Tensor.class || type == Optional.class)) {
        try {
          member.field.set(module, type == Tensor.class ? tensor : Optional.of(tensor));
          return;
        } catch (IllegalAccessException e) {
          throw new IllegalStateException(e);
        }
      }
    }
    throw TorchException.argument(
        module.getClass().getSimpleName(), "name", name, "a field that holds a tensor");
  }

  private static Object read(Field field, Module module) {
    try {
      return field.get(module);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }
}
