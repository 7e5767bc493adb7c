"""What an instrument declares beforehand: the type of its answers and where it applies; and what is written of both."""
