package dev.flambeau.torch.serialize;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.flambeau.torch.DType;
import dev.flambeau.torch.Shape;
import dev.flambeau.torch.TorchException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The JSON header of a safetensors file, checked: the tensors' ranges follow one another without
 * gap or overlap and fill the data exactly, and each is as long as its type and shape say.
 */
record SafetensorsHeader(List<Entry> entries, Map<String, String> metadata) {
  static final String METADATA = "__metadata__";

  /** The reference implementation's limit. */
  static final int MAX_BYTES = 100_000_000;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxStringLength(MAX_BYTES)
                  .maxNestingDepth(4)
                  .maxNumberLength(20)
                  .build())
          .build();

  /** One tensor: bytes {@code begin} to {@code end} (exclusive) of the data. */
  record Entry(String name, DType type, Shape shape, long begin, long end) {}

  /**
   * Reads a header.
   *
   * @param dataBytes bytes after the header
   * @throws TorchException that says what is wrong
   */
  static SafetensorsHeader parse(byte[] json, long dataBytes, String file) throws IOException {
    List<Entry> entries = new ArrayList<>();
    Map<String, String> metadata = new LinkedHashMap<>();
    try (JsonParser parser = JSON.createParser(json)) {
      Reader reader = new Reader(parser, file);
      reader.expect(parser.nextToken(), JsonToken.START_OBJECT, "the header");
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        if (name.equals(METADATA)) {
          reader.metadata(metadata);
        } else {
          entries.add(reader.entry(name));
        }
      }
      if (parser.nextToken() != null) {
        throw TorchException.format(file, "something follows the header's JSON object");
      }
    } catch (JsonProcessingException e) {
      throw TorchException.format(
          file, "the header is not sound JSON: " + e.getOriginalMessage(), e);
    }
    entries.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
    long at = 0;
    for (Entry entry : entries) {
      if (entry.begin != at) {
        throw TorchException.format(
            file,
            "tensor " + entry.name + " begins at " + entry.begin + " where " + at + " is expected");
      }
      at = entry.end;
    }
    if (at != dataBytes) {
      throw TorchException.format(
          file, "the tensors take " + at + " bytes, but the file has " + dataBytes);
    }
    return new SafetensorsHeader(List.copyOf(entries), Collections.unmodifiableMap(metadata));
  }

  private record Reader(JsonParser parser, String file) {
    void expect(JsonToken got, JsonToken wanted, String where) {
      if (got != wanted) {
        throw TorchException.format(file, where + " has " + got + " where " + wanted + " belongs");
      }
    }

    void metadata(Map<String, String> into) throws IOException {
      expect(parser.nextToken(), JsonToken.START_OBJECT, METADATA);
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String key = parser.currentName();
        expect(parser.nextToken(), JsonToken.VALUE_STRING, METADATA + "." + key);
        into.put(key, parser.getText());
      }
    }

    Entry entry(String name) throws IOException {
      expect(parser.nextToken(), JsonToken.START_OBJECT, name);
      String type = "none";
      long[] sizes = null;
      long[] range = null;
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String key = parser.currentName();
        JsonToken value = parser.nextToken();
        switch (key) {
          case "dtype" -> {
            expect(value, JsonToken.VALUE_STRING, name + ".dtype");
            type = parser.getText();
          }
          case "shape" -> sizes = numbers(value, name + ".shape");
          case "data_offsets" -> range = numbers(value, name + ".data_offsets");
          default -> throw TorchException.format(file, name + " has the unknown field " + key);
        }
      }
      if (sizes == null || range == null || range.length != 2) {
        throw TorchException.format(file, name + " needs a shape and two data_offsets");
      }
      return checked(name, type, sizes, range[0], range[1]);
    }

    private long[] numbers(JsonToken value, String where) throws IOException {
      expect(value, JsonToken.START_ARRAY, where);
      List<Long> found = new ArrayList<>();
      for (JsonToken t = parser.nextToken(); t != JsonToken.END_ARRAY; t = parser.nextToken()) {
        expect(t, JsonToken.VALUE_NUMBER_INT, where);
        long number = parser.getLongValue();
        if (number < 0) {
          throw TorchException.format(file, where + " has the negative number " + number);
        }
        found.add(number);
      }
      return found.stream().mapToLong(Long::longValue).toArray();
    }

    private Entry checked(String name, String type, long[] sizes, long begin, long end) {
      DType dtype =
          Arrays.stream(DType.values())
              .filter(t -> t.name().equals(type))
              .findFirst()
              .orElseThrow(
                  () ->
                      TorchException.format(
                          file,
                          name
                              + " has dtype "
                              + type
                              + "; allowed: "
                              + Arrays.toString(DType.values())));
      long bytes = dtype.bytes();
      for (long size : sizes) {
        if (Math.multiplyHigh(bytes, size) != 0 || bytes * size < 0) {
          throw TorchException.format(
              file, name + " has the shape " + Arrays.toString(sizes) + ": over 2^63-1 bytes");
        }
        bytes *= size;
      }
      if (begin > end || end - begin != bytes) {
        throw TorchException.format(
            file,
            name
                + " takes the bytes "
                + begin
                + " to "
                + end
                + ", but "
                + Arrays.toString(sizes)
                + " of "
                + dtype
                + " are "
                + bytes
                + " bytes");
      }
      return new Entry(name, dtype, Shape.of(sizes), begin, end);
    }
  }
}
