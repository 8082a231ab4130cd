/**
 * Modules: parts of networks with parameters, buffers, hooks and a state with PyTorch's names. Uses
 * the functions of {@code nn.functional} and the starting values of {@code nn.init}; start with
 * {@link dev.flambeau.torch.nn.Module}.
 */
package dev.flambeau.torch.nn;
