/** What is done to a picture before a network sees it. Start at {@code Transform}. */
package dev.flambeau.vision.transforms;
