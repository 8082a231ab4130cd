package dev.flambeau.text;

import dev.flambeau.torch.Tensor;

/**
 * Token numbers of N texts, padded to a common length L: three I64 tensors of shape N x L, named as
 * the inputs of Hugging Face models.
 *
 * @param inputIds token numbers
 * @param attentionMask 1 for a token, 0 for padding
 * @param tokenTypeIds 0 for the first text, 1 for the second of a pair
 */
public record Encoding(Tensor inputIds, Tensor attentionMask, Tensor tokenTypeIds) {}
