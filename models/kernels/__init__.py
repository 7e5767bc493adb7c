"""How loops are compiled and kept; σ, tanh and log-softmax; the products with packed matrices."""
