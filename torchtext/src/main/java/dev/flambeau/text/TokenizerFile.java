package dev.flambeau.text;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.flambeau.torch.TorchException;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * The text of a tokenizer.json and its settings for cutting and filling; vocabulary and rules are
 * left to the native library.
 *
 * @param maxLength 0 for no limit
 */
record TokenizerFile(String json, int maxLength, long padId, long padTypeId, boolean padLeft) {
  /** The largest known (262,144 entries and merges) has 35 MB. */
  private static final long MAX_BYTES = 256L << 20;

  static TokenizerFile read(Path file) throws IOException {
    if (!Files.exists(file)) {
      throw new NoSuchFileException(file.toString(), null, "no tokenizer file of this name");
    }
    if (!Files.isRegularFile(file)) {
      throw TorchException.format(file.toString(), "is not a file; give the tokenizer.json itself");
    }
    if (Files.size(file) > MAX_BYTES) {
      throw TorchException.format(
          file.toString(),
          "has " + Files.size(file) + " bytes; at most " + MAX_BYTES + " are read");
    }
    try {
      return parse(file.toString(), Files.readString(file));
    } catch (MalformedInputException e) {
      throw TorchException.format(file.toString(), "is not a tokenizer.json: not UTF-8 text", e);
    }
  }

  private static TokenizerFile parse(String name, String json) throws IOException {
    int maxLength = 0;
    long[] pad = new long[3];
    boolean model = false;
    try (JsonParser in = new JsonFactory().createParser(json)) {
      if (in.nextToken() != JsonToken.START_OBJECT) {
        throw TorchException.format(name, "is not a tokenizer.json: no JSON object");
      }
      while (in.nextToken() == JsonToken.FIELD_NAME) {
        String field = in.currentName();
        boolean object = in.nextToken() == JsonToken.START_OBJECT;
        model |= object && field.equals("model");
        if (object && field.equals("truncation")) {
          maxLength = truncation(in);
        } else if (object && field.equals("padding")) {
          pad = padding(in);
        } else {
          in.skipChildren();
        }
      }
    } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
      throw TorchException.format(name, "is not a tokenizer.json: " + e.getOriginalMessage(), e);
    }
    if (!model) {
      throw TorchException.format(name, "is not a tokenizer.json: it has no \"model\"");
    }
    return new TokenizerFile(json, maxLength, pad[0], pad[1], pad[2] == 1);
  }

  private static int truncation(JsonParser in) throws IOException {
    int maxLength = 0;
    while (in.nextToken() == JsonToken.FIELD_NAME) {
      String field = in.currentName();
      in.nextToken();
      if (field.equals("max_length")) {
        maxLength = in.getValueAsInt();
      }
      in.skipChildren();
    }
    return maxLength;
  }

  /** Number of the filling token, its type, and 1 for filling on the left. */
  private static long[] padding(JsonParser in) throws IOException {
    long[] pad = new long[3];
    while (in.nextToken() == JsonToken.FIELD_NAME) {
      String field = in.currentName();
      in.nextToken();
      switch (field) {
        case "pad_id" -> pad[0] = in.getValueAsLong();
        case "pad_type_id" -> pad[1] = in.getValueAsLong();
        case "direction" -> pad[2] = "Left".equals(in.getValueAsString()) ? 1 : 0;
        default -> {}
      }
      in.skipChildren();
    }
    return pad;
  }
}
