package dev.flambeau.torch.api;

import dev.flambeau.torch.Tensor;

/** What the method families of a tensor have in common. */
sealed interface Self
    permits Accessors,
        Elementwise,
        Functions,
        Operands,
        InPlace,
        Scans,
        Statistics,
        Reductions,
        Movement,
        Indexing,
        LinearAlgebra,
        Random,
        Gradients {
  Tensor self();
}
