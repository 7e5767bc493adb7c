"""What a reader takes away of a view: lines of Python that give its numbers, and the numbers themselves as files."""
