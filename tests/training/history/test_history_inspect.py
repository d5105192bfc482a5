"""What an inspection tells of a history."""

from __future__ import annotations

from pathlib import Path

import pytest
import telecom

from triage.config import Config
from triage.errors import InputError
from triage.training.history.inspect import draft, inspect


def test_a_mapping_is_drafted_from_names_and_cells(tmp_path: Path) -> None:
    made = draft(str(telecom.write_csv(tmp_path / "a.csv", telecom.rows())))
    assert (made.text, made.id, made.time, made.story) == ("投诉内容", "工单号", "受理时间", None)
    assert {facet: spec.column for facet, spec in made.facets.items()} == {
        "business": ("一级分类",),
        "department": ("责任部门",),
    }


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([{"a": "1", "b": "2"}] * 5, "no column looks like text"),
        ([{"内容": f"第{n}条投诉的内容", "编号": f"x{n}"} for n in range(30)], "no column looks like labels"),
    ],
)
def test_what_cannot_be_drafted(tmp_path: Path, rows: list[dict[str, str]], said: str) -> None:
    with pytest.raises(InputError, match=said):
        draft(str(telecom.write_csv(tmp_path / "a.csv", rows)))


def test_it_tells_what_is_there(tmp_path: Path, config: Config) -> None:
    rows = telecom.rows(30)
    rows += [rows[0], rows[1] | {"一级分类": "信号"}, rows[2] | {"投诉内容": rows[2]["投诉内容"] + "速办"}]
    rows += [
        rows[3] | {"投诉内容": ""},
        rows[4] | {"一级分类": "宽 带", "投诉内容": "完全另外的一条，宽带装机约不上时间"},
    ]
    found = inspect([str(telecom.write_csv(tmp_path / "a.csv", rows))], config)
    said = "\n".join(found.lines)
    for line in (
        "rows: 35 read, 34 usable",
        "left out: 1 rows: the text is empty",
        "hidden before anything else: PHONE_NUMBER 33",
        "business: 宽 带 reads as another spelling of 宽带",
        "duplicates: 2 rows (6%) repeat another text; 1 texts conflict",
        "stories: ",
        "time: 2026-01-01 to 2026-02-02, 34 of 34 rows",
    ):
        assert line in said
    assert found.problems == ()


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([row | {"一级分类": "宽带"} for row in telecom.rows(30)], "the one label '宽带'"),
        ([row | {"一级分类": f"类{n}"} for n, row in enumerate(telecom.rows(60))], "60 labels in 60 rows"),
        (telecom.rows(20) + [telecom.rows(1)[0]] * 30, "60% of the rows repeat"),
        ([row | {"投诉内容": ""} for row in telecom.rows(30)], "30 of 30 rows cannot be used"),
    ],
)
def test_it_tells_what_cannot_work(tmp_path: Path, config: Config, rows: list[dict[str, str]], said: str) -> None:
    source = str(telecom.write_csv(tmp_path / "a.csv", rows))
    found = inspect([source], config, columns=telecom.COLUMN_MAP)
    assert any(said in problem for problem in found.problems), found.problems
