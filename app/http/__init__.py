"""What every request goes through: under which names the server answers, sizes, headers, errors."""
