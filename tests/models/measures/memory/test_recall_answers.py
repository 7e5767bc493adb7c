"""What a model answers at the marks of a recall text, against its trace, and as the page is told."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from app.compute.model_library import LoadedModel
from app.contract.instrument import Finding, Subject
from app.instruments.memory.recall import Recall
from app.live.run import Run
from models import CharLM, NotMeasurable, Vocabulary
from models.measures import drain, record
from models.measures.memory.recall_answers import answers, questions
from models.tasks.delayed_recall import KEYS, VOCABULARY, episode
from models.tasks.delayed_recall import text as stream

TEXT = "Cqwe?C\nzz?A\nAxBy?B\n?D\nHq?q?H\n"


@pytest.fixture
def lm() -> CharLM:
    torch.manual_seed(3)
    return CharLM("lstm", VOCABULARY, 9, 2, name="small").eval()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("Cqwe?C\n", [(0, 4)]),
        ("A?", [(0, 1)]),
        ("zz?A\n?B\n", []),  # nothing to be recalled
        ("AxBy?B\n", [(2, 4)]),  # the last key counts
        ("Hq?q?H\n", [(0, 2), (0, 4)]),
        ("A\n?", []),  # a new line ends an episode
    ],
)
def test_a_mark_asks_for_the_last_key_of_its_line(text: str, found: list[tuple[int, int]]) -> None:
    assert questions(text) == found


def test_the_delay_of_an_episode_is_the_distance_of_its_mark_from_its_key() -> None:
    for delay in (1, 2, 17, 200):
        ((key, mark),) = questions(episode("D", "n" * (delay - 1)))
        assert mark - key == delay


def test_answers_are_the_probabilities_of_the_keys_at_the_marks(lm: CharLM) -> None:
    text = TEXT + stream(1500, seed=4)
    found = drain(answers(lm, record(lm, text), text))
    expected = lm.trace(text).log_probabilities.exp()[:, [VOCABULARY.characters.index(key) for key in KEYS]].numpy()
    pairs = questions(text)
    assert len(pairs) > 10
    assert list(zip(found.keys_at.tolist(), found.marks.tolist(), strict=True)) == pairs
    assert "".join(KEYS[k] for k in found.keys) == "".join(text[key] for key, _ in pairs)
    np.testing.assert_allclose(found.probabilities, expected[found.marks], rtol=2e-6)


def test_only_the_last_marks_are_looked_at_if_so_asked(lm: CharLM) -> None:
    found = drain(answers(lm, record(lm, TEXT), TEXT, most=2))
    assert found.marks.tolist() == [mark for _, mark in questions(TEXT)[-2:]]


def test_what_cannot_be_answered_says_why(lm: CharLM) -> None:
    with pytest.raises(NotMeasurable, match="asks for no key"):
        drain(answers(lm, record(lm, "Cqwe"), "Cqwe"))
    stranger = CharLM("gru", Vocabulary("abc?"), 4, 1, name="stranger").eval()
    with pytest.raises(NotMeasurable, match="stranger does not know"):
        drain(answers(stranger, record(stranger, TEXT), TEXT))


def test_the_page_is_told_the_same(lm: CharLM) -> None:
    run = Run(LoadedModel("small", lm, lm.reader()), TEXT)
    while run.recording.read():
        pass
    subject = Subject(run, len(TEXT), lambda a, b: TEXT[a:b])
    sent = drain(Recall(name="recall", most=3).work(subject))
    assert isinstance(sent, Finding)
    assert sent.facts.model_dump() == {"keys": KEYS}
    found = drain(answers(lm, record(lm, TEXT), TEXT, most=3))
    assert set(sent.tensors) == {"marks", "keys_at", "keys", "probabilities"}
    for name, tensor in sent.tensors.items():
        assert tensor.dtype == (np.float32 if name == "probabilities" else np.int32)
        np.testing.assert_array_equal(tensor, getattr(found, name))
