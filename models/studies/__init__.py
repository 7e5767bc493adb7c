"""One-off measurements over many trainings or all models that ship."""
