package dev.flambeau.zoo;

/** A class and how probable it is, from 0 to 1. */
public record Prediction(String label, double probability) {}
