"""What a signal is declared with: an equation, and the scale of its values."""
