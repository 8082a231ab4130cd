package dev.flambeau.torch.conformance;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.flambeau.torch.TorchException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** JSON as maps, lists, strings, Long, Double, Boolean and null; depth and lengths are bounded. */
final class JsonTree {
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .streamReadConstraints(
              StreamReadConstraints.builder().maxNestingDepth(64).maxNumberLength(64).build())
          .build();

  private JsonTree() {}

  /**
   * Reads one value.
   *
   * @throws TorchException if it is not sound; {@code where} says what was read
   */
  static Object parse(String json, String where) throws IOException {
    try (JsonParser parser = JSON.createParser(json)) {
      Object value = value(parser, parser.nextToken(), where);
      if (parser.nextToken() != null) {
        throw TorchException.format(where, "something follows the JSON value");
      }
      return value;
    } catch (JsonProcessingException e) {
      throw TorchException.format(where, "is not sound JSON: " + e.getOriginalMessage(), e);
    }
  }

  private static Object value(JsonParser parser, JsonToken token, String where) throws IOException {
    return switch (token) {
      case START_OBJECT -> {
        Map<String, Object> map = new LinkedHashMap<>();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
          String name = parser.currentName();
          map.put(name, value(parser, parser.nextToken(), where));
        }
        yield map;
      }
      case START_ARRAY -> {
        List<Object> list = new ArrayList<>();
        for (JsonToken t = parser.nextToken(); t != JsonToken.END_ARRAY; t = parser.nextToken()) {
          list.add(value(parser, t, where));
        }
        yield list;
      }
      case VALUE_STRING -> parser.getText();
      case VALUE_NUMBER_INT -> parser.getLongValue();
      case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NULL -> null;
      case null, default -> throw TorchException.format(where, "ends within a JSON value");
    };
  }
}
