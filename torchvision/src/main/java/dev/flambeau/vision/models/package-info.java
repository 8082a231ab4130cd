/** Networks, one file each, with torchvision's parameter names. Uses torch-core. */
package dev.flambeau.vision.models;
