"""Hidden State: an interactive laboratory for the memory of recurrent networks.

from hidden_state import load
trace = load("shakespeare-lstm").trace("To be, or not to be")
trace["0.forget_gate"]        # (T, H)
trace.log_probabilities       # (T, V), nats

An installation holds the packages `models` and `app` inside this one (`hatch_build.py` puts them there). In a
checkout they lie beside it, where `hidden_state.models` is another name of `models`; see `hidden_state.checkout`.
"""

from pathlib import Path

if not (Path(__file__).parent / "models").is_dir():
    from . import checkout

    checkout.install()

from hidden_state.models import *  # noqa: F403
from hidden_state.models import __all__ as __all__
