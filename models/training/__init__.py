"""From a text to a trained model: corpora, the trainer, recipes and the examination of a trained network."""
