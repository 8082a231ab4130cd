/** Text: tokenizers. */
module dev.flambeau.text {
  requires transitive dev.flambeau.torch;
}
