/**
 * PyTorch's operators by name, bound to our API; may use everything users may. Start at {@link
 * dev.flambeau.torch.catalog.Catalog}.
 */
package dev.flambeau.torch.catalog;
