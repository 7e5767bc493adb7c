"""How loops are compiled and cached; σ, tanh and log-softmax; the products with packed matrices."""
