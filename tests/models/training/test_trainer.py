"""Training: the same seed gives the same weights, however often it is interrupted; and each promise of the
update held against a loop written anew."""

from __future__ import annotations

import math
import signal
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.nn import functional

from models import CharLM, CheckpointError, CorpusError, Vocabulary
from models.network.evaluation import bits_per_character
from models.storage.checkpoint import Measured, load_model, read_card
from models.training import trainer as training
from models.training.corpora import Corpus
from models.training.recipes import Recipe, make
from models.training.settings import Settings
from models.training.trainer import RESUME_FILE, Progress, Trainer

SMALL = Settings(
    cell="lstm", units=6, layers=2, dropout=0.2, epochs=2.5, streams=3, segment=16, warmup=4, min_count=3, validations=5
)

Weights = dict[str, torch.Tensor]


@pytest.fixture(scope="module")
def corpus(own_text: str) -> Corpus:
    """2,000 characters; a few are so rare that they stay outside the vocabulary."""
    return Corpus("own", own_text[:900] + "€é" + own_text[900:1898], "made up", "MIT")


def trained(corpus: Corpus, settings: Settings = SMALL, **how: Any) -> Trainer:
    trainer = Trainer(corpus, settings)
    trainer.run(**how)
    return trainer


def same(a: Weights, b: Weights) -> bool:
    return a.keys() == b.keys() and all(torch.equal(a[k], b[k]) for k in a)


def test_the_same_seed_gives_the_same_weights_and_another_seed_others(corpus: Corpus) -> None:
    first, second = trained(corpus), trained(corpus)
    assert same(first.lm.state_dict(), second.lm.state_dict())
    assert same(first.best, second.best)
    other = trained(corpus, replace(SMALL, seed=2))
    assert not same(first.lm.state_dict(), other.lm.state_dict())


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
@pytest.mark.parametrize("pause", [1, 7, 36, 40])
def test_a_resumed_training_ends_with_the_weights_of_an_uninterrupted_one(
    corpus: Corpus, tmp_path: Path, cell: str, pause: int
) -> None:
    settings = replace(SMALL, cell=cell, epochs=1.25)
    whole = trained(corpus, settings)
    assert (whole.per_epoch, whole.steps) == (36, 45)  # so one pause lies between two passes
    half = trained(corpus, settings, until=pause)
    assert half.step == pause
    half.save(tmp_path)
    torch.manual_seed(99)  # another process has drawn other numbers
    rest = Trainer(corpus, settings)
    rest.resume(tmp_path)
    rest.run()
    assert same(rest.lm.state_dict(), whole.lm.state_dict())
    assert same(rest.best, whole.best)
    assert (rest.best_bits, rest.best_step, rest.characters) == (whole.best_bits, whole.best_step, whole.characters)


def test_ctrl_c_in_the_middle_of_an_update_waits_until_the_update_is_whole(
    corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = trained(corpus)
    trainer = Trainer(corpus, SMALL)
    trainer.run(until=5)
    clip = torch.nn.utils.clip_grad_norm_

    def interrupted(*args: Any) -> object:
        signal.raise_signal(signal.SIGINT)
        return clip(*args)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # in the background it may be ignored
    try:
        with monkeypatch.context() as patch:
            patch.setattr(torch.nn.utils, "clip_grad_norm_", interrupted)
            with pytest.raises(KeyboardInterrupt):
                trainer.run()
    finally:
        signal.signal(signal.SIGINT, before)
    assert trainer.step == 6
    trainer.save(tmp_path)
    rest = Trainer(corpus, SMALL)
    rest.resume(tmp_path)
    rest.run()
    assert same(rest.lm.state_dict(), whole.lm.state_dict())


def loop_written_anew(corpus: Corpus, settings: Settings, updates: int, *, carry: bool = True) -> CharLM:
    """The training without dropout, from its description alone."""
    text = corpus.text[: round(0.9 * len(corpus.text))]
    known = sorted({c for c in text if text.count(c) >= settings.min_count})
    torch.manual_seed(settings.seed)
    lm = CharLM(settings.cell, Vocabulary("".join(known)), settings.units, settings.layers)
    adam = torch.optim.AdamW(lm.parameters(), weight_decay=0.0)
    length = (len(text) - 1) // settings.streams
    segments = math.ceil(length / settings.segment)
    total = round(settings.epochs * segments)
    state: Any = None
    for update in range(updates):
        segment = update % segments
        if segment == 0 or not carry:
            state = None
        stop = min((segment + 1) * settings.segment, length)
        losses = []
        hidden: list[Any] = []
        starts = state
        for stream in range(settings.streams):
            begin = stream * length
            x = torch.zeros(stop - segment * settings.segment, len(known))
            wanted = []
            for t in range(len(x)):
                place = begin + segment * settings.segment + t
                if text[place] in known:
                    x[t, known.index(text[place])] = 1.0
                wanted.append(known.index(text[place + 1]) if text[place + 1] in known else None)
            out, end = lm.rnn(x, None if starts is None else starts[stream])
            hidden.append(tuple(e.detach() for e in end) if isinstance(end, tuple) else end.detach())
            scores = functional.log_softmax(lm.readout(out), dim=1)
            losses += [-scores[t, k] for t, k in enumerate(wanted) if k is not None]
        state = hidden
        loss = torch.stack(losses).mean()
        lm.zero_grad()
        loss.backward()
        norm = math.sqrt(sum(float(p.grad.pow(2).sum()) for p in lm.parameters() if p.grad is not None))
        for p in lm.parameters():
            if p.grad is not None and norm > settings.clip:
                p.grad.mul_(settings.clip / norm)
        if update < settings.warmup:
            rate = settings.learning_rate * (update + 1) / settings.warmup
        else:
            along = (update - settings.warmup) / (total - settings.warmup)
            rate = settings.learning_rate * (1 / 50 + (1 - 1 / 50) * math.cos(along * math.pi / 2) ** 2)
        adam.param_groups[0]["lr"] = rate
        adam.step()
    return lm


def distance(a: CharLM, b: CharLM) -> float:
    return max(float((p - q).detach().abs().max()) for p, q in zip(a.parameters(), b.parameters(), strict=True))


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_the_training_is_what_its_description_says(corpus: Corpus, cell: str) -> None:
    """Streams and segments, carried state that is cut at each pass, clipping, schedule, unknown characters."""
    settings = replace(SMALL, cell=cell, dropout=0.0, segment=150, epochs=3, clip=0.03)
    trainer = Trainer(corpus, settings)
    assert trainer.per_epoch == 4
    assert "€" not in trainer.lm.vocabulary
    trainer.run(until=10)  # into the third pass
    assert distance(trainer.lm, loop_written_anew(corpus, settings, 10)) < 2e-5
    assert distance(trainer.lm, loop_written_anew(corpus, settings, 10, carry=False)) > 2e-4
    assert distance(trainer.lm, loop_written_anew(corpus, replace(settings, clip=1e9), 10)) > 2e-4


def test_gradients_are_no_longer_than_the_clip(corpus: Corpus) -> None:
    for clip, bound in ((1e-3, True), (1e9, False)):
        trainer = trained(corpus, replace(SMALL, clip=clip), until=1)
        norm = math.sqrt(sum(float(p.grad.pow(2).sum()) for p in trainer.lm.parameters() if p.grad is not None))
        assert (norm <= clip * 1.001 and norm >= clip * 0.99) if bound else norm > 0.01


def test_the_rate_rises_to_its_highest_and_falls_to_a_fiftieth(corpus: Corpus) -> None:
    trainer = Trainer(corpus, SMALL)
    rates = []
    for step in range(trainer.steps):
        trainer.step = step
        rates.append(trainer.learning_rate())
    high = SMALL.learning_rate
    assert rates[:4] == pytest.approx([high / 4, high / 2, high * 3 / 4, high])
    assert rates[4] == pytest.approx(high)
    assert all(a > b for a, b in pairwise(rates[4:]))
    trainer.step = trainer.steps
    assert trainer.learning_rate() == pytest.approx(high / 50)


def test_an_lstm_begins_by_keeping(corpus: Corpus) -> None:
    lm = CharLM("lstm", Vocabulary("abc"), 5, 3)
    for k in range(3):
        _, _, bias_ih, bias_hh = lm.layer_weights(k)
        total = (bias_ih + bias_hh).view(4, 5)
        assert (total[1] == 1.0).all()
        assert (total[[0, 2, 3]].abs() <= 2 / math.sqrt(5)).all()
        assert (total[[0, 2, 3]] != 1.0).all()


def test_training_helps(corpus: Corpus) -> None:
    trainer = trained(corpus, replace(SMALL, epochs=12, learning_rate=2e-2, dropout=0.0))
    untrained, _ = bits_per_character(Trainer(corpus, SMALL).lm, trainer.validation)
    assert trainer.best_bits < untrained - 0.5


def test_the_best_weights_are_those_of_the_lowest_validation(corpus: Corpus) -> None:
    seen: list[Progress] = []
    trainer = trained(
        corpus, replace(SMALL, epochs=8, learning_rate=1.0, warmup=60), report=seen.append
    )  # wild in the end
    measured = {p.step: p.validation_bits for p in seen if not math.isnan(p.validation_bits)}
    assert trainer.best_bits == min(measured.values()) == measured[trainer.best_step]
    assert trainer.best_bits < measured[trainer.steps], "the last weights are the best; the test is idle"
    trainer.lm.load_state_dict(trainer.best)
    assert bits_per_character(trainer.lm, trainer.validation)[0] == trainer.best_bits


def test_progress_is_told_after_every_update(corpus: Corpus) -> None:
    seen: list[Progress] = []
    trainer = trained(corpus, report=seen.append)
    assert [p.step for p in seen] == list(range(1, trainer.steps + 1))
    assert all(p.steps == trainer.steps and p.loss_bits > 0 and p.characters_per_second > 0 for p in seen)
    assert seen[-1].remaining_seconds == 0.0
    assert seen[0].remaining_seconds > 0.0
    assert seen[-1].characters == trainer.characters


@pytest.mark.parametrize(("text", "streams"), [("ab", 1), ("abc" * 20, 30), ("a" * 21, 1)])
def test_a_text_that_is_too_short_is_refused_in_a_sentence(text: str, streams: int) -> None:
    with pytest.raises(CorpusError) as refused:
        Trainer(Corpus("note", text, "a note"), replace(SMALL, streams=streams, min_count=1))
    assert str(refused.value).startswith("note has ")
    assert str(refused.value).endswith(".")


def test_a_text_in_which_no_character_is_frequent_enough_is_refused_in_a_sentence() -> None:
    with pytest.raises(CorpusError, match="note has no character that occurs 500 times"):
        Trainer(Corpus("note", "abc" * 100, "a note"), replace(SMALL, min_count=500))


def test_a_text_whose_held_out_part_shares_no_character_is_refused_in_a_sentence() -> None:
    with pytest.raises(CorpusError, match="note"):
        Trainer(Corpus("note", "ab" * 450 + "жд" * 50, "a note"), replace(SMALL, min_count=1))


def test_only_what_was_begun_can_be_resumed(corpus: Corpus, own_text: str, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="no training to resume"):
        Trainer(corpus, SMALL).resume(tmp_path)
    trained(corpus, until=2).save(tmp_path)
    with pytest.raises(CheckpointError, match="other settings or another text"):
        Trainer(corpus, replace(SMALL, seed=2)).resume(tmp_path)
    with pytest.raises(CheckpointError, match="other settings or another text"):
        Trainer(Corpus("own", own_text[:2000], "made up"), SMALL).resume(tmp_path)
    path = tmp_path / RESUME_FILE
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(CheckpointError, match="no training to resume"):
        Trainer(corpus, SMALL).resume(tmp_path)


RECIPE = Recipe(id="tiny", title="Tiny", description="For a test.", corpus="own", settings=SMALL)


def test_a_recipe_ends_in_a_model_its_twin_and_a_complete_card(corpus: Corpus, tmp_path: Path) -> None:
    card = make(RECIPE, corpus, tmp_path)
    assert read_card(tmp_path) == card
    assert sorted(p.name for p in tmp_path.iterdir()) == ["card.json", "step-0.safetensors", "weights.safetensors"]
    lm, twin = load_model(tmp_path), load_model(tmp_path, 0)
    torch.manual_seed(SMALL.seed)
    fresh = CharLM("lstm", lm.vocabulary, 6, 2, dropout=0.2)
    assert same(twin.state_dict(), fresh.state_dict())
    assert same(lm.state_dict(), trained(corpus).best)
    assert (card.id, card.title, card.cell, card.units, card.layers) == ("tiny", "Tiny", "lstm", 6, 2)
    assert card.parameters == sum(p.numel() for p in lm.parameters())
    assert (card.corpus.name, card.corpus.licence, card.corpus.characters) == ("own", "MIT", len(corpus.text))
    assert card.corpus.sha256 == corpus.sha256
    assert card.corpus.split.endswith("train 0%–90%, validation 90%–95%, test 95%–100%")
    settings = {"dropout", "seed", "epochs", "streams", "segment", "learning_rate", "warmup", "clip", "min_count"}
    run = {"updates", "updates_done", "best_update", "characters_read", "seconds", "finished", "machine", "date"}
    assert settings | run <= set(card.training)
    assert card.training["finished"] is True
    assert card.training["updates_done"] == card.training["updates"]
    for model, measured in ((lm, card.measured), (twin, card.untrained)):
        assert set(measured) == {"validation", "test"}
        for split, figures in measured.items():
            bits, count = bits_per_character(model, lm.vocabulary.encode(corpus.split(split)))
            expected = Measured(
                bits_per_character=round(bits, 4), nats_per_character=round(bits * math.log(2), 4), characters=count
            )
            assert figures == expected
    assert f"evaluate tiny {corpus.name}" in card.measured_with


def test_ctrl_c_keeps_the_best_and_a_later_run_ends_as_if_nothing_had_happened(corpus: Corpus, tmp_path: Path) -> None:
    def stop(progress: Progress) -> None:
        if progress.step == 20:
            raise KeyboardInterrupt

    cut = make(RECIPE, corpus, tmp_path / "cut", report=stop)
    assert cut.training["finished"] is False
    assert cut.training["updates_done"] == 20
    assert (tmp_path / "cut" / RESUME_FILE).exists()
    kept = trained(corpus, until=20)
    assert same(load_model(tmp_path / "cut").state_dict(), kept.best)
    assert cut.measured["validation"].bits_per_character == pytest.approx(kept.best_bits, abs=1e-4)
    card = make(RECIPE, corpus, tmp_path / "cut", resume=True)
    whole = make(RECIPE, corpus, tmp_path / "whole")
    assert card.training["finished"] is True
    assert card.measured == whole.measured
    assert same(load_model(tmp_path / "cut").state_dict(), load_model(tmp_path / "whole").state_dict())
    assert not (tmp_path / "cut" / RESUME_FILE).exists()


def test_a_killed_training_can_be_resumed_from_its_last_save(corpus: Corpus, tmp_path: Path) -> None:
    class Killed(BaseException):
        pass

    def kill(progress: Progress) -> None:
        if progress.step == 12:
            raise Killed

    with pytest.raises(Killed):
        make(RECIPE, corpus, tmp_path, report=kill, save_every_seconds=0.0)
    make(RECIPE, corpus, tmp_path, resume=True)
    assert same(load_model(tmp_path).state_dict(), trained(corpus).best)


def test_the_machine_is_named_on_the_card() -> None:
    assert f"torch {torch.__version__}" in training.machine()
