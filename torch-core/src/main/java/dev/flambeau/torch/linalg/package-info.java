/**
 * Linear algebra under the names of {@code torch.linalg}, with gradients; may use operators,
 * tensors' methods and the dispatcher. Start at {@link dev.flambeau.torch.linalg.Linalg}.
 */
package dev.flambeau.torch.linalg;
