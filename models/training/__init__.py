"""From a text to a trained model: corpora, the trainer, recipes and what a training made of a network."""
