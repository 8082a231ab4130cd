package dev.flambeau.onnx;
final class MicrosoftExperts { private MicrosoftExperts() {} static void register(Registry r) {} static void registerStandard(Registry r) {} }
