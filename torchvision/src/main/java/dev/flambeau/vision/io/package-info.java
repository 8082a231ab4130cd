/** Decoding and encoding of image files. Uses torch-core and OpenCV; start at {@code Images}. */
package dev.flambeau.vision.io;
