/**
 * Starting values of parameters, to the bit those PyTorch draws after the same seed. Uses {@code
 * linalg}; start with {@link dev.flambeau.torch.nn.init.Init}.
 */
package dev.flambeau.torch.nn.init;
