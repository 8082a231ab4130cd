/**
 * JPEG 2000 (ITU-T T.800 | ISO/IEC 15444-1), decoded in Java: the decoder that OpenCV has is
 * switched off, since damaged files crash it. Uses nothing of Flambeau but its exceptions; start
 * reading at {@link dev.flambeau.vision.io.jpeg2000.Codestream}.
 */
package dev.flambeau.vision.io.jpeg2000;
