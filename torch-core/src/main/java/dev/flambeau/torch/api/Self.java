package dev.flambeau.torch.api;

import dev.flambeau.torch.Tensor;

/** What the method families of a tensor have in common. */
sealed interface Self
    permits Accessors,
        Elementwise,
        Functions,
        SpecialFunctions,
        Operands,
        InPlace,
        InPlaceIndexing,
        Scans,
        Statistics,
        Quantiles,
        Segments,
        Covariance,
        Reductions,
        Movement,
        Arrangement,
        Splitting,
        Diagonals,
        Indexing,
        Scattering,
        Sorting,
        Counting,
        Differences,
        Creation,
        LinearAlgebra,
        Random,
        Gradients {
  Tensor self();
}
