package dev.flambeau.onnx;
final class MicrosoftQuantized { private MicrosoftQuantized() {} static void register(Registry r) {} static void registerStandard(Registry r) {} }
