package dev.flambeau.onnx;
final class MicrosoftProducts { private MicrosoftProducts() {} static void register(Registry r) {} static void registerStandard(Registry r) {} }
