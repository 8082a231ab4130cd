/**
 * Sugar over the plain training loop. May use amp, nn, nn.utils, optim, optim.lr, data, logging,
 * and serialize for checkpoints. Start reading at {@link dev.flambeau.torch.train.Trainer}.
 */
package dev.flambeau.torch.train;
