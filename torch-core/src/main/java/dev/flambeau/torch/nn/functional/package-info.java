/**
 * The functions behind the modules, without parameters of their own. Written with operators and
 * tensors' methods; start with {@link dev.flambeau.torch.nn.functional.F}.
 */
package dev.flambeau.torch.nn.functional;
