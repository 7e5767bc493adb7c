"""What an instrument declares beforehand: the type of its answers, where it applies, and the document made from both."""
