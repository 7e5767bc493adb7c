"""static/state/tables.js: tables of numbers with the columns that the instruments declare, as they have always been."""

from __future__ import annotations

import numpy as np
import pytest

from app.web.hello import tables

HEADINGS = {
    "context": "model,past,k,mean_bits_lost,standard_error,median_bits_lost,characters,uses,uses_standard_error,"
    "positions",
    "forgetting": "model,step,lag,edit_distance,edit_kl_bits,retention_quartile_1,retention_median,"
    "retention_quartile_3,connectivity,jacobian,pull_of_the_character_so_far_back",
    "generate": "step,character,model,temperature,seed",
    "gradients": "model,lag,median_nats,quartile_1,quartile_3,factor_a_step,positions",
    "horizon": "model,curve,lag,median,quartile_1,quartile_3,median_share_of_lag_0,lag_at_1_e,lag_at_1_percent,"
    "positions,lag_at_1_e_16,lag_at_1_e_84,lag_at_1_percent_16,lag_at_1_percent_84",
    "intervene": "model,intervention,step,divergence_bits,largest_divergence_bits,bits_per_character,"
    "bits_per_character_held,mean_divergence_bits,scored,exactly,bits_with_exactly_so_many,bits_as_it_is_there",
    "cost": "model,characters_read,state,multiply_adds,step_low,step_median,step_high,total,probe_bits",
    "overlength": "model,layer,signal,from,to,bits_low,bits_median,bits_high,bits_mean,saturation_low,"
    "saturation_median,saturation_high,saturation_mean,norm_low,norm_median,norm_high,norm_mean,"
    "bits_worse_than_before,gets_worse_from,readings",
    "provenance": "model,layer,unit,step,written_at,addend,unit_share,layer_share",
    "recall": "model,key_at_step,mark_at_step,delay,key,p_A,p_B,p_C,p_D,p_E,p_F,p_G,p_H",
    "recall_curves": "architecture,taught,taught_up_to,of,delay,accuracy,chance",
    "recoverability": "model,lag,accuracy,chance,fitted_on,scored_on",
    "saturation": "model,layer,signal,unit,first_step,last_step,steps,below,above,steps_below,steps_above,"
    "share_below,share_above",
    "texts": "model,signal,step,step_of_second,character,character_of_second,distance,surprise_bits,"
    "surprise_of_second_bits",
    "unit": "model,layer,signal,unit,from,to,about,name,value,r,cohens_d,rank_r,chance_95,chance_99,shifts_as_good,"
    "best_unit,best_unit_r,note",
    "why": "model,layer,step,unit,signal,value,term,weight,state,gain,adds",
}
"""Written by hand: whoever reads such files with a program relies on them."""

ROWS = """async ([columns, table, sources]) => {
  const { Tables } = await import("/static/state/tables.js");
  const record = new Tables(columns).recorder(table);
  return sources.map(([source, k, own]) => record(source, k, own).map((value) => value ?? null));
}"""


def declared():
    return {name: [one.as_dict() for one in columns] for name, columns in tables().items()}


def test_the_headings_are_the_same_as_ever(bare):
    found = bare.evaluate(
        """async (columns) => {
          const { Tables } = await import("/static/state/tables.js");
          const { csv } = await import("/static/format/csv.js");
          const all = new Tables(columns);
          return Object.fromEntries(Object.keys(columns).map((name) => [name, csv(all.of(name, "file", []))]));
        }""",
        declared(),
    )
    assert found == {name: f"{line}\r\n" for name, line in HEADINGS.items()}


def test_rows_take_facts_options_tensors_and_what_the_page_puts_in(bare):
    quartiles = np.log10([[0.1, 0.2, 0.3], [0.4, 0.5, 0.6], [0.7, 0.8, 0.9]])
    tensors = {name: {"data": np.log10(values).tolist()} for name, values in {
        "edit": [3.0, 2.0, 1.0], "kl": [6.0, 5.0, 4.0], "connectivity": [7.0, 8.0, 9.0], "jacobian": [1.0, 1e-5, 2.0],
        "backward": [5.0, 6.0],
    }.items()}  # fmt: skip
    tensors["retention_quartiles"] = {"data": quartiles.ravel().tolist(), "shape": [3, 3]}
    source = {"facts": {"step": 7}, "tensors": tensors}
    rows = bare.evaluate(ROWS, [declared(), "forgetting", [[source, k, {"model": "M"}] for k in range(4)]])
    assert rows[0][:3] == ["M", 7, 0]
    assert rows[0][3:] == pytest.approx([3, 6, 0.1, 0.4, 0.7, 7, 1, 5])
    assert rows[1][3:] == pytest.approx([2, 5, 0.2, 0.5, 0.8, 8, 1e-5, 6])
    assert rows[2][3:10] == pytest.approx([1, 4, 0.3, 0.6, 0.9, 9, 2])
    assert rows[2][10] is None
    assert rows[3] == ["M", 7, 3, *[None] * 8]


def test_items_of_lists_and_along_either_axis(bare):
    facts = {"curve": "edit", "lag_e": 3, "lag_percent": None, "positions": 9, "range_e": [2, 5], "range_percent": None}
    band = {name: {"data": [1.0, -np.inf]} for name in ("low", "median", "high")}
    [row] = bare.evaluate(ROWS, [declared(), "horizon", [[{"facts": facts, "tensors": band}, 1, {"model": "M"}]]])
    assert row == ["M", "edit", 1, 0, 0, 0, None, 3, None, 9, 2, 5, None, None]
    pairs = {"pairs": {"data": [0, 4, 1, -1], "shape": [2, 2]}, "distance": {"data": [0.5, 0.25]}}
    pairs["surprise"] = {"data": [1.0, 2.0, 3.0, 4.0], "shape": [2, 2]}
    own = {"model": "M", "signal": "0.hidden", "character": "a", "character_of_second": ""}
    [row] = bare.evaluate(ROWS, [declared(), "texts", [[{"tensors": pairs}, 1, own]]])
    assert row == ["M", "0.hidden", 1, -1, "a", "", 0.25, 3, 4]
    counts = {name: {"data": [10, 20, 30, 40], "shape": [2, 2]} for name in ("left", "right", "numbers")}
    source = {"facts": {"start": 5}, "tensors": counts, "measure": {"layer": 1}}
    [row] = bare.evaluate(ROWS, [declared(), "saturation", [[source, 3, {"signal": "cell", "unit": 1}]]])
    assert row == [None, 1, "cell", 1, 5, None, 40, None, None, 40, 40, None, None]


def test_a_value_for_a_column_that_is_not_the_pages_own_is_refused(bare):
    with pytest.raises(Exception, match="table context has no column of the page's own positions"):
        bare.evaluate(ROWS, [declared(), "context", [[{}, 0, {"model": "M", "positions": 3}]]])
