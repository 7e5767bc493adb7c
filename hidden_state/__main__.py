"""`python -m hidden_state`: the command line."""

from hidden_state.app.cli import main

if __name__ == "__main__":
    main()
