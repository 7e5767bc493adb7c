"""The routes: REST, pages, and the shell of the live socket."""
