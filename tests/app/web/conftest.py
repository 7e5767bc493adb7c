"""What the tests of the socket share."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.served_app import Server


@pytest.fixture
def no_faults(server: Server) -> Any:
    """No test of the shared server may leave an error in its log."""
    server.log.clear()
    yield
    assert server.faults() == []
