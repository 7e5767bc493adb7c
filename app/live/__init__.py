"""A live session: one text, what is looked at, and a reading of it by each model. No socket here."""
