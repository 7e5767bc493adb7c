"""What all messages of the live socket have in common, and their binary frames."""
