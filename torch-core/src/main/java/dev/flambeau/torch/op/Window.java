package dev.flambeau.torch.op;

import dev.flambeau.torch.TorchException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * How a kernel slides over the spatial axes, one entry an axis: step, zeros (or nothing, for
 * pooling) before and after the data, distance of the kernel's elements.
 */
public record Window(
    List<Long> stride, List<Long> padding, List<Long> paddingEnd, List<Long> dilation) {
  /** Checks that every list has an entry an axis, steps and distances are positive. */
  public Window {
    stride = List.copyOf(stride);
    padding = List.copyOf(padding);
    paddingEnd = List.copyOf(paddingEnd);
    dilation = List.copyOf(dilation);
    int axes = stride.size();
    check("stride", stride, axes, 1);
    check("padding", padding, axes, 0);
    check("padding", paddingEnd, axes, 0);
    check("dilation", dilation, axes, 1);
  }

  /** Equal padding on both sides; an array of one element counts for every axis. */
  public static Window of(int axes, long[] stride, long[] padding, long[] dilation) {
    List<Long> pads = spread("padding", axes, padding);
    return new Window(
        spread("stride", axes, stride), pads, pads, spread("dilation", axes, dilation));
  }

  /** One entry an axis from one or {@code axes} numbers. */
  static List<Long> spread(String argument, int axes, long[] values) {
    if (values.length != 1 && values.length != axes) {
      throw TorchException.argument(
          "window", argument, values.length + " numbers", "1 or " + axes + " numbers");
    }
    List<Long> list = new ArrayList<>();
    for (int i = 0; i < axes; i++) {
      list.add(values[values.length == 1 ? 0 : i]);
    }
    return list;
  }

  private static void check(String argument, List<Long> values, int axes, long least) {
    for (long value : values) {
      if (value < least || value > Integer.MAX_VALUE) {
        throw TorchException.argument(
            "window", argument, values, least == 0 ? "numbers of 0 or more" : "positive numbers");
      }
    }
    if (values.size() != axes) {
      throw TorchException.argument(
          "window", argument, values, axes + " numbers, one for each spatial axis");
    }
  }

  /** The same without padding. */
  public Window withoutPadding() {
    List<Long> none = Collections.nCopies(axes(), 0L);
    return new Window(stride, none, none, dilation);
  }

  /** Number of spatial axes. */
  public int axes() {
    return stride.size();
  }

  /** What a kernel of this size covers along an axis. */
  long reach(int axis, long kernel) {
    return dilation.get(axis) * (kernel - 1) + 1;
  }

  /** Size of the input with its padding. */
  long padded(int axis, long input) {
    return input + padding.get(axis) + paddingEnd.get(axis);
  }

  /** Positions of the kernel along an axis; 0 or less if it does not fit once. */
  long positions(int axis, long input, long kernel) {
    return Math.floorDiv(padded(axis, input) - reach(axis, kernel), stride.get(axis)) + 1;
  }

  /** As {@link #positions}, with a last incomplete one if it starts inside the input. */
  long positionsCeil(int axis, long input, long kernel) {
    long step = stride.get(axis);
    long room = padded(axis, input) - reach(axis, kernel);
    long count = Math.ceilDiv(room, step) + 1;
    return (count - 1) * step >= input + padding.get(axis) ? count - 1 : count;
  }
}
