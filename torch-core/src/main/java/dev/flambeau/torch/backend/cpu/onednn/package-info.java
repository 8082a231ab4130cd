/**
 * Kernels of Intel's oneDNN 3 (its C API, in bytedeco's build). Start at {@link
 * dev.flambeau.torch.backend.cpu.onednn.OneDnn}.
 */
package dev.flambeau.torch.backend.cpu.onednn;
