/**
 * Models by name, where their files come from, and the command line. Uses all other modules; start
 * reading at {@link dev.flambeau.zoo.Registry} and {@link dev.flambeau.zoo.Source}.
 */
package dev.flambeau.zoo;
