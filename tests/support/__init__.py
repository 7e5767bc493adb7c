"""What tests share. A module here says in its first line what is in it, and tests nothing itself."""
