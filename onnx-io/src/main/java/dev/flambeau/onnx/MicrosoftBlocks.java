package dev.flambeau.onnx;
final class MicrosoftBlocks { private MicrosoftBlocks() {} static void register(Registry r) {} static void registerStandard(Registry r) {} }
