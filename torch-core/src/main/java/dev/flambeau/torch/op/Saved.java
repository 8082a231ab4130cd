package dev.flambeau.torch.op;

import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Tensor;

/** What a backward may read: the tensors named by {@link Saves}, and everybody's {@link Meta}. */
public interface Saved {
  /** A saved input. */
  Tensor input(int index);

  /** A saved output. */
  Tensor output(int index);

  Meta inputMeta(int index);

  Meta outputMeta(int index);

  /** Whether a gradient by this input is wanted. */
  boolean needs(int input);

  /** Number of inputs. */
  int inputs();
}
