/**
 * Training in mixed precision: operators choose the types they compute in, and gradients of F16 are
 * scaled. Uses {@code op} and {@code optim}; start with {@link dev.flambeau.torch.amp.Autocast}.
 */
package dev.flambeau.torch.amp;
