"""What an instrument declares in advance: the type of its answers and where it applies; and their documentation."""
