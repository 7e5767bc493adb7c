"""`python -m app.cli`: the command line."""

from . import main

main()
