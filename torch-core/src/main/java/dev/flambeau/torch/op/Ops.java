package dev.flambeau.torch.op;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * The registry: operators by PyTorch's name. Pointwise operators and folds are found as the public
 * constants of {@link Pointwise}, {@link ElementaryOps}, {@link SpecialOps} and {@link Fold}, so
 * that a new one is one line there.
 */
public final class Ops {
  private static final Map<String, Pointwise> POINTWISE =
      constants(
          Pointwise.class, Pointwise::name, Pointwise.class, ElementaryOps.class, SpecialOps.class);
  private static final Map<String, Fold> FOLDS = constants(Fold.class, Fold::name, Fold.class);

  private Ops() {}

  public static Map<String, Pointwise> pointwise() {
    return POINTWISE;
  }

  public static Map<String, Fold> folds() {
    return FOLDS;
  }

  private static <T> Map<String, T> constants(
      Class<T> type, Function<T, String> name, Class<?>... holders) {
    Map<String, T> found = new TreeMap<>();
    List<Field> fields = Arrays.stream(holders).flatMap(h -> Arrays.stream(h.getFields())).toList();
    for (Field field : fields) {
      if (Modifier.isStatic(field.getModifiers()) && field.getType() == type) {
        try {
          T value = type.cast(field.get(null));
          if (found.put(name.apply(value), value) != null) {
            throw new IllegalStateException("two operators are called " + name.apply(value));
          }
        } catch (IllegalAccessException e) {
          throw new IllegalStateException(e);
        }
      }
    }
    return Collections.unmodifiableMap(found);
  }
}
