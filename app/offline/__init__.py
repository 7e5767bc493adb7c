"""A page that lives without a server: the page itself, with models and the arithmetic to run them, as one HTML file."""
