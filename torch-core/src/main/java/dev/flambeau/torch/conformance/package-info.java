/**
 * Runs PyTorch's recorded samples against the registry of operators; may use everything users may.
 * Start at {@link dev.flambeau.torch.conformance.ConformanceRunner}.
 */
package dev.flambeau.torch.conformance;
