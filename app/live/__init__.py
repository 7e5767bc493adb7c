"""A live session: one text, a view of it, and a reading of it by each model. Nothing here knows the socket."""
