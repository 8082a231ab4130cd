package dev.flambeau.torch.op;

import dev.flambeau.torch.Layout;
import dev.flambeau.torch.Meta;
import dev.flambeau.torch.Tensor;

/** The same elements in fresh memory; PyTorch: {@code clone}, {@code contiguous}. */
public record Copy(Order order) implements Structured {
  /** The memory order of the copy. */
  public enum Order {
    /** As the input where that is dense, else row-major. */
    PRESERVE,
    ROW_MAJOR,
    CHANNELS_LAST
  }

  @Override
  public String name() {
    return "clone";
  }

  @Override
  public Meta[] infer(Meta[] inputs) {
    Meta in = inputs[0];
    Layout layout =
        switch (order) {
          case PRESERVE ->
              in.layout().isDense()
                  ? in.layout().sameOrder(in.shape())
                  : Layout.contiguous(in.shape());
          case ROW_MAJOR -> Layout.contiguous(in.shape());
          case CHANNELS_LAST -> Layout.channelsLast(in.shape());
        };
    return new Meta[] {new Meta(in.dtype(), in.device(), layout)};
  }

  @Override
  public Saves saves() {
    return Saves.NOTHING;
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor[] gradients) {
    return gradients;
  }
}
