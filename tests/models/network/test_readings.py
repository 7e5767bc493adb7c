"""A network that reads rows of real numbers and predicts a mean and a deviation for each: recorded, edited, looked at
as letters are, with the same bits; its head against PyTorch's distributions and autograd."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.echo.echo import Echo
from models.network.codec import Codec, Readings
from models.network.head import Categorical, Gaussian
from models.network.intervened_reader import IntervenedReader
from models.network.intervention import Clamp, Zero
from models.network.reader import CompiledReader, TorchReader
from models.network.sequence_model import SequenceModel
from models.network.series_model import SeriesModel
from models.network.stack import Stack
from models.recording.overview import Grain
from models.recording.recording import Recording
from tests.support.cells import FUSED
from tests.support.columns_by_hand import assert_columns, regular
from tests.support.recordings import read_all

CHANNELS = ("flow", "level")
READINGS = Readings(CHANNELS, np.array([3.0, -1.0]), np.array([2.0, 0.5]), np.array([0.1, 0.01]))
SHORT = Grain(8, 4)
Rows = NDArray[np.float32]


def series(length: int, seed: int = 0) -> NDArray[np.float64]:
    """Two channels of a wandering sensor, some readings missing."""
    draw = np.random.default_rng(seed)
    rows = np.cumsum(draw.normal(size=(length, 2)), axis=0) * [0.3, 0.1] + READINGS.mean
    rows[draw.random((length, 2)) < 0.05] = np.nan
    return rows


def model(cell: Any, units: Any, layers: int | None = None, *, dtype: torch.dtype = torch.float32) -> SeriesModel:
    torch.manual_seed(0)
    found = SeriesModel(Stack.of(cell, units, layers), READINGS, name="sensor")
    with torch.no_grad():
        for parameter in found.parameters():
            parameter.mul_(2.0)
    found.requires_grad_(False)
    return found.eval().to(dtype)


def recorded(reader: Any, rows: NDArray[np.float64], grain: Grain = SHORT, kept: int = 2) -> Recording:
    rec = Recording(reader, kept=kept, grain=grain)
    rec.edit(0, 0, READINGS.encode(rows))
    read_all(rec)
    return rec


@pytest.mark.parametrize("cell", [*FUSED, ("gru", "lstm")])
def test_what_is_recorded_is_what_pytorch_computes(cell: Any) -> None:
    lm = model(cell, (7, 5), dtype=torch.float64)
    rows = series(60)
    rec = recorded(CompiledReader(lm), rows)
    read, state = TorchReader(lm), TorchReader(lm).start()
    activations = read.allocate(60)
    read.read(READINGS.encode(rows), state, activations)
    with torch.no_grad():
        said, _ = lm(torch.from_numpy(READINGS.encode(rows))[:, None])
    np.testing.assert_allclose(activations.predictions, said[:, 0], atol=1e-12)
    for k, layer in enumerate(lm.stack):
        for name in layer.cell.names():
            np.testing.assert_allclose(rec.signal(k, name, 0, 60), activations.signal(k, name), atol=1e-12)
    mean, spread = said[:-1, 0].chunk(2, dim=1)
    after = torch.from_numpy(READINGS.encode(rows)[1:]).double()
    density = torch.distributions.Normal(mean, spread.exp(), validate_args=False).log_prob(after)
    bits = -(density + torch.log(torch.from_numpy(READINGS.fineness))) / np.log(2)
    expected = torch.where(bits.isnan().all(1), torch.nan, bits.nansum(1))
    np.testing.assert_allclose(rec.surprise(0, 60)[1:], expected, rtol=1e-5)
    assert np.isnan(rec.surprise(0, 1)).all()


EDITS = st.lists(
    st.tuples(st.floats(0, 1), st.integers(0, 12), st.integers(0, 12), st.booleans()), min_size=1, max_size=6
)


@pytest.mark.parametrize("cell", FUSED)
def test_edits_anywhere_give_the_bits_of_a_fresh_run(cell: str) -> None:
    lm = model(cell, 6, 2)

    @settings(max_examples=30, deadline=None)
    @given(st.integers(0, 90), EDITS, st.integers(1, 3))
    def check(length: int, edits: list[tuple[float, int, int, bool]], kept: int) -> None:
        rows = series(length)
        rec = recorded(lm.reader(), rows, kept=kept)
        for n, (where, remove, insert, whole) in enumerate(edits):
            at = round(where * len(rows))
            remove = min(remove, len(rows) - at)
            new = series(insert, seed=n + 1)
            rec.edit(at, remove, READINGS.encode(new))
            rows = np.concatenate([rows[:at], new, rows[at + remove :]])
            if whole:
                read_all(rec)
            else:
                rec.read()
        read_all(rec)
        fresh = recorded(lm.reader(), rows)
        assert len(rec) == len(rows)
        for k in range(2):
            for name in lm.cell.names():
                assert rec.signal(k, name, 0, len(rows)).tobytes() == fresh.signal(k, name, 0, len(rows)).tobytes()
        np.testing.assert_array_equal(rec.surprise(0, len(rows)), fresh.surprise(0, len(rows)))

    check()


@pytest.mark.parametrize("per", [1, 2, 64, 512, 1024])
def test_wide_windows_show_what_was_computed(per: int) -> None:
    lm = model("lstm", 5, 2)
    rows = series(2600)
    rec = recorded(lm.reader(), rows, Grain())
    for name in ("hidden", "forget_gate"):
        values, signal = rec.signal(1, name, 0, 2600), lm.cell.signal(name)
        for show in ("extreme", "mean", "lowest", "highest"):
            shown = rec.columns(1, name, 0, 2600, per, show)  # type: ignore[arg-type]
            within = (signal.range[1] - signal.range[0]) / 254 * 0.5001 if per >= 64 else 1e-6
            assert_columns(shown, values, regular(0, 2600, per), show, signal, within)


def test_an_edit_of_one_reading_is_felt_and_fades_as_one_of_a_letter_does() -> None:
    lm = model("gru", 6)
    rows = READINGS.encode(series(400))
    spike = np.nan_to_num(rows[50]) + np.float32(4)
    rec = recorded(lm.reader(), series(400), Grain())
    echo = Echo(rec, 50, spike[None])
    while echo.advance(400):
        pass
    other = rows.copy()
    other[50] = spike
    theirs = Recording(lm.reader())
    theirs.edit(0, 0, other)
    read_all(theirs)
    difference = rec.signal(0, "hidden", 0, 400) - theirs.signal(0, "hidden", 0, 400)
    assert echo.signal(0, "hidden", 0, 400).tobytes() == difference.tobytes()
    strength = echo.strength(0, "hidden", 50, 400, 1)
    assert strength[-1] < 0.01 * strength[0], "it fades"
    assert echo.felt(0, "hidden") < 349


def test_interventions_are_in_force() -> None:
    lm = model("lstm", 5)
    some = [Clamp(0, "forget_gate", 2, 0.0, 10), Zero(30)]
    rec = recorded(IntervenedReader(CompiledReader(lm), some), series(60))
    assert (rec.signal(0, "forget_gate", 10, 60)[:, 2] == 0).all()
    plain = recorded(CompiledReader(lm), series(60))
    assert np.array_equal(rec.signal(0, "hidden", 0, 10), plain.signal(0, "hidden", 0, 10))
    alone = recorded(IntervenedReader(CompiledReader(lm), [Clamp(0, "forget_gate", 2, 0.0, 0)]), series(60)[30:])
    assert np.array_equal(rec.signal(0, "hidden", 30, 60), alone.signal(0, "hidden", 0, 30))


def test_a_gaussian_head_scores_compares_samples_and_derives_as_pytorch_does() -> None:
    torch.manual_seed(1)
    readout = torch.nn.Linear(5, 6).double()
    head = Gaussian(readout, np.array([0.1, 0.2, 0.3]))
    hidden = torch.randn(8, 5, dtype=torch.float64, requires_grad=True)
    predictions = np.empty((8, 6))
    head.predict(hidden.detach().numpy(), predictions)
    inputs = np.random.default_rng(0).normal(size=(8, 3))
    inputs[2, 1] = np.nan
    mean, spread = readout(hidden).chunk(2, dim=1)
    normal = torch.distributions.Normal(mean, spread.exp(), validate_args=False)
    there = torch.from_numpy(np.nan_to_num(inputs))
    nats = -(normal.log_prob(there) * torch.from_numpy(~np.isnan(inputs))).sum(1)
    (slopes,) = torch.autograd.grad(nats.sum(), hidden)
    known = ~np.isnan(inputs)
    shift = -(known * np.log([0.1, 0.2, 0.3])).sum(1)
    np.testing.assert_allclose(head.bits(predictions, inputs) * np.log(2), nats.detach().numpy() + shift, rtol=1e-6)
    np.testing.assert_allclose(head.slopes(predictions, inputs), slopes, rtol=1e-9, atol=1e-12)
    other = torch.distributions.Normal(mean[1:2], spread[1:2].exp())
    kl = torch.distributions.kl_divergence(normal, other).sum(1).detach().numpy() / np.log(2)
    np.testing.assert_allclose(head.divergence(predictions, np.repeat(predictions[1:2], 8, axis=0)), kl, atol=1e-12)
    draw = np.random.default_rng(2)
    mean, spread = mean.detach(), spread.detach()
    drawn = np.stack([head.sample(predictions[0], draw) for _ in range(20_000)])
    np.testing.assert_allclose(drawn.mean(0), mean[0], atol=4 * float(spread[0].exp().max()) / 141)
    np.testing.assert_allclose(drawn.std(0), spread[0].exp(), rtol=0.03)


def test_a_categorical_head_does_too(make_model: Any) -> None:
    lm = make_model("gru", 6, dtype=torch.float64, gain=3.0)
    head = lm.head()
    assert isinstance(head, Categorical)
    hidden = torch.randn(7, 6, dtype=torch.float64, requires_grad=True)
    predictions = np.empty((7, head.width))
    head.predict(hidden.detach().numpy(), predictions)
    ids = np.array([0, 3, head.width, 5, 1, 2, 8])
    logs = torch.log_softmax(torch.nn.functional.linear(hidden, lm.readout.weight, lm.readout.bias), dim=1)
    np.testing.assert_allclose(predictions, logs.detach(), atol=1e-12)
    known = ids < head.width
    nats = -logs[torch.from_numpy(np.flatnonzero(known)), torch.from_numpy(ids[known])].sum()
    (slopes,) = torch.autograd.grad(nats, hidden)
    np.testing.assert_allclose(head.slopes(predictions, ids), slopes, atol=1e-12)
    assert np.isnan(head.bits(predictions, ids)[2])
    draw = np.random.default_rng(0)
    counts = np.bincount([head.sample(predictions[0], draw) for _ in range(20_000)], minlength=head.width)
    np.testing.assert_allclose(counts / 20_000, np.exp(predictions[0]), atol=0.015)


@pytest.mark.parametrize(
    ("rows", "said"),
    [(np.zeros((4, 3)), "2 numbers: flow, level"), (np.zeros(4), "2 numbers"), (np.array([[0.0, np.inf]]), "infinite")],
)
def test_rows_that_cannot_be_read_are_refused(rows: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        READINGS.encode(rows)


def test_readings_come_back_as_they_were_and_channels_must_fit() -> None:
    rows = series(50)
    np.testing.assert_allclose(READINGS.decode(READINGS.encode(rows)), rows, rtol=1e-5, atol=1e-5)
    with pytest.raises(ValueError, match="one finite number for each of the 2 channels"):
        Readings(CHANNELS, np.zeros(2), np.ones(3), np.ones(2))
    with pytest.raises(ValueError, match="deviation must be above 0"):
        Readings(CHANNELS, np.zeros(2), np.array([1.0, 0.0]), np.ones(2))
    with pytest.raises(ValueError, match="mean must have one finite"):
        Readings(CHANNELS, np.array([0.0, np.nan]), np.ones(2), np.ones(2))
    with pytest.raises(ValueError, match="farther off than numbers go"):
        Readings(CHANNELS, np.zeros(2), np.full(2, 1e-3), np.ones(2)).encode(np.full((1, 2), 1e37))


class Switches(Codec):
    """Two switches, each off (0), on (1) or not known (2): read as one of −1, 1 and 0, and whether it is known."""

    dtype, shape, inputs = np.int8, (2,), 4

    def tensor(self, items: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
        known = (items < 2).to(like)
        return torch.cat([(2 * items.to(like) - 1) * known, known], dim=-1)


class SwitchModel(SequenceModel):
    def __init__(self, stack: Stack) -> None:
        super().__init__(stack, Switches(), 2)

    def head(self) -> Gaussian:
        return Gaussian(self.readout, np.ones(1))


def test_the_compiled_way_reads_what_the_codec_says() -> None:
    torch.manual_seed(0)
    lm = SwitchModel(Stack.of(("gru", "lstm"), (6, 4))).double().requires_grad_(False).eval()
    items = np.random.default_rng(0).integers(0, 3, (40, 2)).astype(np.int8)
    found = []
    for reader in (CompiledReader(lm), TorchReader(lm)):
        room, state = reader.allocate(40), reader.start()
        reader.read(items, state, room)
        found.append(room)
    np.testing.assert_allclose(found[0].layers[1], found[1].layers[1], atol=1e-12)
    np.testing.assert_allclose(found[0].predictions, found[1].predictions, atol=1e-12)


def test_what_is_no_item_is_refused_and_changes_nothing() -> None:
    rec = recorded(model("gru", 5).reader(), series(20))
    before = rec.surprise(0, 20).copy()
    for rows in (np.zeros((2, 3), np.float32), np.zeros((2, 1), np.float32), np.zeros(2, np.float32)):
        with pytest.raises(ValueError, match="Items of shape"):
            rec.edit(10, 0, rows)
    assert len(rec) == 20
    read_all(rec)
    np.testing.assert_array_equal(rec.surprise(0, 20), before)


def test_a_prediction_that_is_no_number_is_no_missing_reading() -> None:
    head = model("gru", 5).head()
    predictions = np.array([[np.nan, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]])
    inputs = np.array([[1.0, 1.0], [np.nan, np.nan]])
    assert np.isnan(head.bits(predictions, inputs)).all()
    slopes = head.slopes(predictions, inputs)
    assert np.isnan(slopes[0]).all()
    assert (slopes[1] == 0).all()


def test_weights_are_copied_where_a_reader_is_made() -> None:
    lm = model("gru", 5)
    reader, items = lm.reader(), READINGS.encode(series(3))
    predictions = np.zeros((3, 4))
    before = reader.head.slopes(predictions, items)
    with torch.no_grad():
        lm.readout.weight.mul_(3)
    np.testing.assert_array_equal(reader.head.slopes(predictions, items), before)


def test_a_network_that_does_not_say_what_it_predicts_says_what_to_define() -> None:
    class Mute(SequenceModel):
        pass

    with pytest.raises(NotImplementedError, match=r"Mute does not say what it predicts: define its method `head`"):
        Mute(Stack.of("gru", 3), READINGS, 4).head()
