/**
 * Averages of weights over a training: equal (Izmailov et al. 2018, "Averaging Weights Leads to
 * Wider Optima and Better Generalization") or exponential. PyTorch: {@code torch.optim.swa_utils};
 * its SWALR is in {@link dev.flambeau.torch.optim.lr}.
 */
package dev.flambeau.torch.optim.swa;
