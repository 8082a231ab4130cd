/** Lessons that run; start at {@link dev.flambeau.tutorials.Quickstart}. */
package dev.flambeau.tutorials;
