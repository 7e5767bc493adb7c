"""README states nothing that the cards do not."""

from app.cli.commands import markdown_table
from models import catalogue
from tests.support.paths import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_table_of_models_is_what_the_command_prints():
    assert markdown_table(catalogue().values()) in README


def test_every_file_that_it_links_to_is_there():
    import re

    links = re.findall(r"\]\((?!https?://)([^)#]+)\)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []
