package dev.flambeau.torch.optim;

import dev.flambeau.torch.Tensor;
import java.util.function.DoubleFunction;

/**
 * A search along a line for a point where the loss is sufficiently smaller and its slope
 * sufficiently flatter (Nocedal and Wright 2006, algorithms 3.5 and 3.6), with the constants of
 * PyTorch's LBFGS.
 */
final class StrongWolfe {
  private static final double DECREASE = 1e-4;
  private static final double FLATTER = 0.9;
  private static final double LEAST_CHANGE = 1e-9;
  private static final int MOST = 25;

  private final DoubleFunction<Point> evaluate;
  private final double largest;
  private int iterations;

  /** A place on the line: how far, the loss there, its gradient, its slope along the line. */
  record Point(double at, double loss, Tensor gradient, double slope) {}

  /** Two points around the one wanted, or that one twice. */
  private record Bracket(Point first, Point second, boolean found) {
    Point low() {
      return first.loss <= second.loss ? first : second;
    }

    double left() {
      return Math.min(first.at, second.at);
    }

    double right() {
      return Math.max(first.at, second.at);
    }
  }

  /**
   * @param largest the absolute value of the direction's largest element
   */
  StrongWolfe(DoubleFunction<Point> evaluate, double largest) {
    this.evaluate = evaluate;
    this.largest = largest;
  }

  Point find(Point start, double firstStep) {
    Bracket bracket = bracket(start, firstStep);
    return bracket.found ? bracket.first : zoom(start, bracket);
  }

  private static boolean tooHigh(Point start, Point p) {
    return p.loss > start.loss + DECREASE * p.at * start.slope;
  }

  private static boolean flatEnough(Point start, Point p) {
    return Math.abs(p.slope) <= -FLATTER * start.slope;
  }

  /** Goes on until the point wanted has been passed. */
  private Bracket bracket(Point start, double firstStep) {
    Point before = start;
    Point now = evaluate.apply(firstStep);
    while (iterations < MOST) {
      if (tooHigh(start, now) || iterations > 1 && now.loss >= before.loss) {
        return new Bracket(before, now, false);
      }
      if (flatEnough(start, now)) {
        return new Bracket(now, now, true);
      }
      if (now.slope >= 0) {
        return new Bracket(before, now, false);
      }
      double least = now.at + 0.01 * (now.at - before.at);
      double next = cubic(before, now, least, now.at * 10);
      before = now;
      now = evaluate.apply(next);
      iterations++;
    }
    return new Bracket(start, now, false);
  }

  private Point zoom(Point start, Bracket bracket) {
    Point low = bracket.low();
    Point high = low == bracket.first ? bracket.second : bracket.first;
    boolean slow = false;
    while (iterations < MOST) {
      Bracket now = new Bracket(low, high, false);
      if ((now.right() - now.left()) * largest < LEAST_CHANGE) {
        break;
      }
      double at = cubic(low, high, now.left(), now.right());
      double edge = 0.1 * (now.right() - now.left());
      boolean near = Math.min(now.right() - at, at - now.left()) < edge;
      if (near && (slow || at >= now.right() || at <= now.left())) {
        boolean right = Math.abs(at - now.right()) < Math.abs(at - now.left());
        at = right ? now.right() - edge : now.left() + edge;
        slow = false;
      } else {
        slow = near;
      }
      Point p = evaluate.apply(at);
      iterations++;
      if (tooHigh(start, p) || p.loss >= low.loss) {
        high = p;
        if (high.loss < low.loss) {
          high = low;
          low = p;
        }
      } else {
        if (flatEnough(start, p)) {
          return p;
        }
        if (p.slope * (high.at - low.at) >= 0) {
          high = low;
        }
        low = p;
      }
    }
    return low;
  }

  /** The minimum between bounds of the cubic through two points with their slopes. */
  private static double cubic(Point a, Point b, double least, double most) {
    Point left = a.at <= b.at ? a : b;
    Point right = left == a ? b : a;
    double width = right.at - left.at;
    double d1 = left.slope + right.slope - 3 * (left.loss - right.loss) / (left.at - right.at);
    double square = d1 * d1 - left.slope * right.slope;
    if (!(square >= 0)) {
      return (least + most) / 2;
    }
    double d2 = Math.sqrt(square);
    double at = right.at - width * ((right.slope + d2 - d1) / (right.slope - left.slope + 2 * d2));
    return Math.min(Math.max(at, least), most);
  }
}
