package dev.flambeau.onnx;

import java.util.List;
import java.util.Optional;

/**
 * What is known of a value before it is computed.
 *
 * @param contents the elements of a small tensor, row-major; some may be unknown
 */
record Known(ValueType type, Optional<List<Size>> contents) {
  static final Known NOTHING = new Known(new ValueType.Unknown(), Optional.empty());

  static Known of(ValueType type) {
    return new Known(type, Optional.empty());
  }
}
