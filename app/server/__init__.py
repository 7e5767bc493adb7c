"""The assembled application, its process, and the limits of its connections."""
