/**
 * Schedulers of learning rates: {@code scheduler.step()} after the steps of an epoch (or after each
 * step, where the class says so) sets the rates of all parameter groups. Rules that multiply the
 * rate of before can be combined; numbers are PyTorch's. PyTorch: {@code torch.optim.lr_scheduler}.
 */
package dev.flambeau.torch.optim.lr;
