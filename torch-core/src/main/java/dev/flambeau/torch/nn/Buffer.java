package dev.flambeau.torch.nn;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** A tensor field that is part of a module's state but not trained: running statistics, tables. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.FIELD)
public @interface Buffer {
  /** Whether {@code stateDict} holds it. */
  boolean persistent() default true;
}
