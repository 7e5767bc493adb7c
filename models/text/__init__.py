"""Text as networks read it: characters and ids, line ends, files, and the words of sentences about them."""
