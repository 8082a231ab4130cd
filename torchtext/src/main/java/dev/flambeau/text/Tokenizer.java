package dev.flambeau.text;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import dev.flambeau.text.TokenizerOptions.Padding;
import dev.flambeau.torch.Tensor;
import dev.flambeau.torch.Torch;
import dev.flambeau.torch.TorchException;
import java.io.IOException;
import java.lang.ref.Cleaner;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Text to token numbers and back by the rules of a {@code tokenizer.json} (Hugging Face
 * tokenizers). May be used by several threads; native memory is given back by {@link #close} or the
 * garbage collector.
 */
public final class Tokenizer implements AutoCloseable {
  private static final Cleaner CLEANER = Cleaner.create();

  private final HuggingFaceTokenizer library;
  private final TokenizerFile file;
  private final int maxLength;
  private final Padding padding;
  private final boolean specialTokens;
  private final Cleaner.Cleanable release;
  private boolean closed;

  private Tokenizer(HuggingFaceTokenizer library, TokenizerFile file, TokenizerOptions options) {
    this.library = library;
    this.file = file;
    this.maxLength = limit(file, options);
    this.padding = options.padding();
    this.specialTokens = options.specialTokens();
    this.release = CLEANER.register(this, library::close);
  }

  /**
   * Reads a {@code tokenizer.json}, with the file's own limit of length.
   *
   * @throws IOException if the file is missing or cannot be read
   * @throws TorchException if it is not a tokenizer, or the native library does not load here
   */
  public static Tokenizer load(Path file) throws IOException {
    return load(file, o -> {});
  }

  /** As {@link #load(Path)}, with options. */
  public static Tokenizer load(Path file, Consumer<TokenizerOptions> options) throws IOException {
    TokenizerOptions chosen = new TokenizerOptions();
    options.accept(chosen);
    TokenizerFile read = TokenizerFile.read(file);
    int limit = limit(read, chosen);
    if (chosen.padding() == Padding.MAX_LENGTH && limit == 0) {
      throw TorchException.argument(
          "Tokenizer.load", "padding", Padding.MAX_LENGTH, "this only with a maxLength");
    }
    return new Tokenizer(NativeTokenizer.open(file.toString(), read.json(), limit), read, chosen);
  }

  private static int limit(TokenizerFile file, TokenizerOptions options) {
    return options.maxLength() > 0 ? options.maxLength() : file.maxLength();
  }

  /** One text: tensors of shape 1 x L. */
  public Encoding encode(String text) {
    return encodeBatch(List.of(text));
  }

  /** Two texts as one input, as for question answering: tensors of shape 1 x L. */
  public Encoding encode(String text, String pair) {
    return pack(use(() -> List.of(library.encode(text, pair, specialTokens, false))));
  }

  /**
   * N texts: tensors of shape N x L.
   *
   * @throws TorchException if there is no text, or lengths differ under {@link Padding#NONE}
   */
  public Encoding encodeBatch(List<String> texts) {
    if (texts.isEmpty()) {
      throw TorchException.argument("Tokenizer.encodeBatch", "texts", "[]", "at least one text");
    }
    String[] all = texts.toArray(String[]::new);
    return pack(use(() -> Arrays.asList(library.batchEncode(all, specialTokens, false))));
  }

  /** The tokens as written in the vocabulary. */
  public List<String> tokenize(String text) {
    return use(() -> List.of(library.encode(text, specialTokens, false).getTokens()));
  }

  /** Text of token numbers, without special tokens. */
  public String decode(long... ids) {
    return decode(ids, true);
  }

  /** Text of token numbers; unknown numbers are left out. */
  public String decode(long[] ids, boolean skipSpecialTokens) {
    for (long id : ids) {
      if (id < 0 || id > Integer.MAX_VALUE) {
        throw TorchException.argument("Tokenizer.decode", "ids", id, "numbers from 0 to 2^31-1");
      }
    }
    return use(() -> library.decode(ids, skipSpecialTokens));
  }

  private Encoding pack(List<ai.djl.huggingface.tokenizers.Encoding> rows) {
    int length = padding == Padding.MAX_LENGTH ? maxLength : 0;
    for (var row : rows) {
      int own = row.getIds().length;
      if (padding == Padding.NONE && own != rows.get(0).getIds().length) {
        throw TorchException.shape(
            "Tokenizer.encodeBatch",
            "texts",
            "texts of " + rows.get(0).getIds().length + " and " + own + " tokens",
            "texts of equal length, or another padding than NONE");
      }
      length = Math.max(length, own);
    }
    long[] ids = new long[rows.size() * length];
    long[] mask = new long[ids.length];
    long[] types = new long[ids.length];
    Arrays.fill(ids, file.padId());
    Arrays.fill(types, file.padTypeId());
    for (int i = 0; i < rows.size(); i++) {
      var row = rows.get(i);
      int own = row.getIds().length;
      int at = i * length + (file.padLeft() ? length - own : 0);
      System.arraycopy(row.getIds(), 0, ids, at, own);
      System.arraycopy(row.getAttentionMask(), 0, mask, at, own);
      System.arraycopy(row.getTypeIds(), 0, types, at, own);
    }
    long[] shape = {rows.size(), length};
    Tensor inputIds = Torch.tensor(ids, shape);
    return new Encoding(inputIds, Torch.tensor(mask, shape), Torch.tensor(types, shape));
  }

  /** The library may not be closed while it works: that would crash the process. */
  private synchronized <T> T use(Supplier<T> work) {
    if (closed) {
      throw new IllegalStateException("Tokenizer: used after close()");
    }
    return work.get();
  }

  @Override
  public synchronized void close() {
    closed = true;
    release.clean();
  }
}
