"""The controls of Explore that a lesson may point at, by the names that lessons use."""

from __future__ import annotations

CONTROLS = {
    "text": ("#text", "the text box"),
    "count": (".counts", "the number of characters"),
    "open": ("#open", "“Open …”, for a file of text"),
    "find": ("#find-open", "“Find”"),
    "undo": ("#undo", "“Undo”"),
    "play": ("#play", "play: the text types itself"),
    "look": (".ways", "“Values” and “Echo”"),
    "letter": (".instead-of", "the letter that stands in the place of another in an echo"),
    "characters": ("#characters", "the characters above the pictures"),
    "pictures": ("#panels", "the pictures"),
    "first-picture": ("#panels > :nth-child(1)", "the picture on top"),
    "second-picture": ("#panels > :nth-child(2)", "the second picture"),
    "third-picture": ("#panels > :nth-child(3)", "the third picture"),
    "bits": ("#panels .bits", "the bits per character of the first picture"),
    "untrained": ("#panels .twin", "“show untrained” of the first picture"),
    "signal": ("#panels .panel-head select", "the choice of the signal or layer of the first picture"),
    "surprise": ("#surprise", "the lines of surprise"),
    "overview": ("#overview", "the whole text, with the window in it"),
    "instruments": ("#instruments", "the menu of instruments"),
    "instrument": ("#instrument", "the open instrument"),
    "choices": ("#choices", "the choices: models, signal, layer, order, window"),
    "models": ("#controls .model-chips", "the models to choose from"),
    "order": (".row.order", "the order of the units"),
    "zoom": (".zoom", "the width of the window"),
    "values": ("#inspector", "the values at the cursor"),
    "next": ("#inspector .next", "what each network expects next"),
}
"""Its name → where it is on the page, as CSS says it, and what it is."""
