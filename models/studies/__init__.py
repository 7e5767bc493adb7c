"""What was measured once over many trainings or all models that ship."""
