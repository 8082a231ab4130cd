package dev.flambeau.torch.train;

import java.io.IOException;
import java.util.List;

/** Somebody who is told how training goes on. Each method does nothing unless overridden. */
public interface Callback {
  /** Before the first epoch, or where training goes on. */
  default void trainingStarts(Progress progress) throws IOException {}

  /** Before an epoch's first batch, not where training goes on within one. */
  default void epochStarts(Progress progress) throws IOException {}

  /** After an optimizer step. */
  default void stepDone(Progress progress) throws IOException {}

  /** After an epoch and its validation, before the checkpoint. */
  default void epochDone(Progress progress, EpochResult result) throws IOException {}

  /** After the last epoch. */
  default void trainingDone(List<EpochResult> history) throws IOException {}
}
