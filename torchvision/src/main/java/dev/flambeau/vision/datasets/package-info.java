/** Public image data sets; start at {@link dev.flambeau.vision.datasets.FashionMnist}. */
package dev.flambeau.vision.datasets;
