/**
 * What changes parameters by their gradients. May use dispatch, op and op.expr. Start reading at
 * {@link dev.flambeau.torch.optim.Optimizer}; {@link dev.flambeau.torch.optim.SGD} is the shortest
 * example of an update written as formulas.
 */
package dev.flambeau.torch.optim;
