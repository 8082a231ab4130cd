package dev.flambeau.zoo;

import dev.flambeau.onnx.Onnx;
import dev.flambeau.onnx.OnnxModule;
import dev.flambeau.vision.transforms.PreprocessCard;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/** The user's own ONNX files and the preprocessing cards that travel with them. */
final class OnnxFiles {
  private static final String ENDING = ".onnx";

  private OnnxFiles() {}

  /** Whether {@code model} means a file and not a name of the registry. */
  static boolean named(String model) {
    return model.endsWith(ENDING) || Files.isRegularFile(Path.of(model));
  }

  /** The model, in inference behaviour. */
  static OnnxModule load(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new UserError("no such model file: " + file + "; check the path given to --model");
    }
    try {
      return Onnx.load(file);
    } catch (UncheckedIOException e) {
      throw new UserError("cannot read " + file + ": " + Fetcher.reason(e.getCause()), e);
    }
  }

  /**
   * What {@code how} makes of a file.
   *
   * @throws UserError if there is no such file or it cannot be read
   */
  static <T> T read(Path file, Function<Path, T> how) {
    if (!Files.isRegularFile(file)) {
      throw new UserError(file + ": no such file; give the path of an ONNX file");
    }
    try {
      return how.apply(file);
    } catch (UncheckedIOException e) {
      throw new UserError("cannot read " + file + ": " + Fetcher.reason(e.getCause()), e);
    }
  }

  /**
   * What comes of making one file of another.
   *
   * @throws UserError if the first is not there, or one of them cannot be read or written
   */
  static <T> T convert(Path from, Path to, Supplier<T> how) {
    if (!Files.isRegularFile(from)) {
      throw new UserError(from + ": no such file; give the path of an ONNX file");
    }
    try {
      return how.get();
    } catch (UncheckedIOException e) {
      throw new UserError(
          "cannot make " + to + " of " + from + ": " + Fetcher.reason(e.getCause()), e);
    }
  }

  /** The card in the file's metadata, else that beside it. */
  static Optional<PreprocessCard> card(Path file) {
    try {
      return Onnx.preprocess(file)
          .map(json -> PreprocessCard.fromJson("the card of " + file, json));
    } catch (UncheckedIOException e) {
      throw new UserError("cannot read the card of " + file + ": " + e.getMessage(), e);
    }
  }

  /** Puts the card where {@link #card} finds it: into metadata that has one, else beside. */
  static void save(Path file, PreprocessCard card) {
    try {
      if (Onnx.readMetadata(file).containsKey(Onnx.PREPROCESS)) {
        Onnx.writeMetadata(file, file, Map.of(Onnx.PREPROCESS, card.toJson()));
      } else {
        String name = file.getFileName().toString();
        String stem = name.endsWith(ENDING) ? name.substring(0, name.length() - 5) : name;
        card.save(file.resolveSibling(stem + ".preprocess.json"));
      }
    } catch (IOException e) {
      throw new UserError("cannot write the card of " + file + ": " + Fetcher.reason(e), e);
    } catch (UncheckedIOException e) {
      throw new UserError("cannot write the card of " + file + ": " + e.getMessage(), e);
    }
  }
}
