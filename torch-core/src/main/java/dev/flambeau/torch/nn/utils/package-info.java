/**
 * What is done with modules and sequences beside computing them: packing, clipping, pruning, other
 * parametrizations of weights. Uses {@code nn}; start with {@link
 * dev.flambeau.torch.nn.utils.Sequences}.
 */
package dev.flambeau.torch.nn.utils;
