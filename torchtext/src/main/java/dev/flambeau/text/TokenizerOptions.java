package dev.flambeau.text;

import dev.flambeau.torch.TorchException;

/** How {@link Tokenizer} cuts and fills; the defaults are given with each method. */
public final class TokenizerOptions {
  /** How texts of one batch get the same length. */
  public enum Padding {
    /** To the longest text of the batch. */
    LONGEST,
    /** To {@link TokenizerOptions#maxLength}. */
    MAX_LENGTH,
    /** Not at all: texts of unequal length are an error. */
    NONE
  }

  private int maxLength;
  private Padding padding = Padding.LONGEST;
  private boolean specialTokens = true;

  TokenizerOptions() {}

  /**
   * Longest result in tokens, special ones included; what is longer is cut off. Default: what the
   * file says under {@code truncation}, or no limit.
   */
  public TokenizerOptions maxLength(int tokens) {
    if (tokens < 1) {
      throw TorchException.argument("Tokenizer", "maxLength", tokens, "1 or more");
    }
    maxLength = tokens;
    return this;
  }

  /** Default: {@link Padding#LONGEST}, whatever the file says. */
  public TokenizerOptions padding(Padding how) {
    padding = how;
    return this;
  }

  /** Whether tokens such as {@code [CLS]} and {@code [SEP]} are added. Default: true. */
  public TokenizerOptions specialTokens(boolean add) {
    specialTokens = add;
    return this;
  }

  /** 0 if not set. */
  int maxLength() {
    return maxLength;
  }

  Padding padding() {
    return padding;
  }

  boolean specialTokens() {
    return specialTokens;
  }
}
