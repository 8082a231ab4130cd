/** Text: tokenizers and sentence embeddings. */
module dev.flambeau.text {
  requires transitive dev.flambeau.torch;
  requires com.fasterxml.jackson.core;
  requires ai.djl.api;
  requires ai.djl.tokenizers;

  exports dev.flambeau.text;
}
