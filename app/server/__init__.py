"""The application put together, its process, and the bounds of its connections."""
