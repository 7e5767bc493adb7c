"""What every request goes through: the names the server answers to, sizes, headers, errors."""
