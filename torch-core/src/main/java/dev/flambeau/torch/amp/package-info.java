/**
 * Training in mixed precision: operators choose the types they compute in. Uses {@code op}; start
 * with {@link dev.flambeau.torch.amp.Autocast}.
 */
package dev.flambeau.torch.amp;
