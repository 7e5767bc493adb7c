"""Several runs of the command line side by side."""

import pytest

from app.cli.shared.parallel import side_by_side
from models import HiddenStateError


@pytest.mark.slow
def test_what_each_command_prints_comes_out_and_a_failure_is_named(capfd):
    with pytest.raises(HiddenStateError, match="evaluate nobody"):
        side_by_side([["models"], ["evaluate", "nobody", "nothing"], ["models", "--markdown"]], jobs=2)
    printed = capfd.readouterr().out
    assert "There is no model called 'nobody'" in printed
    assert "| model | cell |" in printed
    assert "bits/char" in printed
