package dev.flambeau.torch.op;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * The registry: operators by PyTorch's name. Pointwise operators and folds are found as the public
 * constants of {@link Pointwise} and {@link Fold}, so that a new one is one line there.
 */
public final class Ops {
  private static final Map<String, Pointwise> POINTWISE =
      constants(Pointwise.class, Pointwise::name);
  private static final Map<String, Fold> FOLDS = constants(Fold.class, Fold::name);

  private Ops() {}

  public static Map<String, Pointwise> pointwise() {
    return POINTWISE;
  }

  public static Map<String, Fold> folds() {
    return FOLDS;
  }

  private static <T> Map<String, T> constants(
      Class<T> type, java.util.function.Function<T, String> name) {
    Map<String, T> found = new TreeMap<>();
    for (Field field : type.getFields()) {
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
