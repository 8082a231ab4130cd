/**
 * Text to tensors. Start with {@link dev.flambeau.text.Tokenizer}; {@link
 * dev.flambeau.text.SentenceEmbeddings} turns a model's output into one vector a text. May use
 * torch-core only.
 */
package dev.flambeau.text;
