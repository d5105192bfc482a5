"""A folder of configuration: defaults, files over them, versions, and errors that say what is legal."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml
from edited import edited

from triage.config import Config, load
from triage.config.loader import DEFAULT, FILES
from triage.errors import ConfigError
from triage.pipeline import Triage

CHANNEL = "version: '1'\nfacet: channel\ndecide: best\ndefault: unknown\n"


def test_every_file_of_the_default_folder_is_known() -> None:
    found = {path.relative_to(DEFAULT).as_posix() for path in DEFAULT.rglob("*") if path.is_file()}
    assert found == set(FILES)


def test_an_empty_folder_inherits_everything(config: Config, tmp_path: Path) -> None:
    assert load(tmp_path).policy == config.policy


def test_one_file_is_overridden_the_rest_inherited(config: Config, tmp_path: Path) -> None:
    lead = [{"id": "all", "lead": "consumer_protection"}]
    own = load(edited(tmp_path, "policy.yaml", lead=lead, version="mine-1"))
    assert own.taxonomy == config.taxonomy
    decision = Triage(own).predict("信用卡年费多收了", id="a")
    assert decision.department.label == "consumer_protection"
    assert decision.policy_version.startswith(config.policy.version) is False
    assert decision.policy_version.startswith("mine-1+")
    assert decision.taxonomy_version == config.taxonomy_version


def test_an_edit_shows_in_the_version_even_when_nobody_raised_it(config: Config, tmp_path: Path) -> None:
    shutil.copy(DEFAULT / "deadlines.yaml", tmp_path)
    assert load(tmp_path).policy_version == config.policy_version
    with (tmp_path / "deadlines.yaml").open("a", encoding="utf-8") as file:
        file.write("# a remark\n")
    assert load(tmp_path).policy_version != config.policy_version


def test_a_new_label_needs_no_code(tmp_path: Path) -> None:
    taxonomy = yaml.safe_load((DEFAULT / "taxonomy.yaml").read_text(encoding="utf-8"))
    taxonomy["facets"]["business"]["labels"].append({"id": "digital_yuan", "name": "数字人民币", "code": "B19"})
    edited(tmp_path, "taxonomy.yaml", **taxonomy)
    rules = yaml.safe_load((DEFAULT / "rules/business.yaml").read_text(encoding="utf-8"))["rules"]
    rules.append({"id": "dcep.name", "label": "digital_yuan", "weight": 20, "words": ["数字人民币"]})
    edited(tmp_path, "rules/business.yaml", rules=rules)
    decision = Triage(load(tmp_path)).predict("数字人民币红包一直付不出去")
    assert (decision.business.label, decision.business.name, decision.business.code) == (
        "digital_yuan",
        "数字人民币",
        "B19",
    )


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        (
            "policy.yaml",
            "version: '1'\nlead: [{id: a, lead: nowhere}]\n",
            ("policy.yaml: a", "'nowhere'", "legal: risk_fraud"),
        ),
        (
            "policy.yaml",
            "version: '1'\nlead: [{id: a, when: {business: [lone]}, lead: card_center}, {id: b, lead: card_center}]\n",
            ("policy.yaml: a", "'lone' is no label of business", "legal: debit_card"),
        ),
        (
            "policy.yaml",
            "version: '1'\nlead: [{id: a, when: {colour: [red]}, lead: card_center}, {id: b, lead: card_center}]\n",
            ("no facet 'colour'", "legal: business"),
        ),
        ("policy.yaml", "version: '1'\nled: []\n", ("policy.yaml", "led", "no such key", "legal: co, lead")),
        ("policy.yaml", "version: '1'\nversion: '2'\nlead: []\n", ("'version' stands twice",)),
        ("policy.yaml", "lead: [\n", ("policy.yaml", "not YAML")),
        ("policy.yaml", "- a\n", ("legal: a mapping",)),
        ("policy.yaml", "", ("legal: a mapping",)),
        ("polcy.yaml", "version: '1'\n", ("polcy.yaml", "not a file of a configuration", "policy.yaml")),
        (
            "service_levels.yaml",
            "version: '1'\nhours: [['09:00', '17:00']]\nlevels: {critical: {minutes: 5}}\n",
            ("levels.high", "no level for this urgency"),
        ),
        (
            "service_levels.yaml",
            "version: '1'\nhours: [['09:00', '17:00']]\nlevels: {critical: {minutes: -5}}\n",
            ("levels.critical.minutes is -5", "greater than or equal to 1"),
        ),
        (
            "rules/words.yaml",
            "version: '1'\ngroups: {a: ['@b'], b: ['@a']}\n",
            ("contains itself", "a → b → a"),
        ),
        ("rules/words.yaml", "version: '1'\ngroups: {a: ['@zz']}\n", ("no group '@zz'",)),
        (
            "rules/channel.yaml",
            CHANNEL + "rules: [{id: a, label: branch, patterns: ['(卡']}]\n",
            ("rules.0.patterns.0", "'(卡'"),
        ),
        (
            "rules/channel.yaml",
            CHANNEL + "rules: [{id: a, label: moon, words: [月亮]}]\n",
            ("rules/channel.yaml", "a", "moon"),
        ),
        (
            "rules/channel.yaml",
            "version: '1'\nfacet: urgency\ndecide: best\ndefault: unknown\nrules: []\n",
            ("rules/channel.yaml: facet is 'urgency'", "legal: channel"),
        ),
        (
            "rules/channel.yaml",
            CHANNEL + "rules: [{id: a, label: branch}]\n",
            ("can never fire",),
        ),
    ],
)  # fmt: skip
def test_errors_name_file_key_value_and_what_is_legal(
    tmp_path: Path, name: str, text: str, says: tuple[str, ...]
) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load(tmp_path)
    message = str(caught.value)
    assert "\n" not in message
    for part in says:
        assert part in message


def test_facets_that_look_at_each_other_in_a_circle(tmp_path: Path) -> None:
    for facet, other, label in (("channel", "complexity", "major"), ("complexity", "channel", "branch")):
        name = f"rules/{facet}.yaml"
        rules = yaml.safe_load((DEFAULT / name).read_text(encoding="utf-8"))["rules"]
        rules.append({"id": "loop", "label": rules[0]["label"], "when": {other: [label]}})
        edited(tmp_path, name, rules=rules)
    with pytest.raises(ConfigError, match="circle"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("raw", "says"), [(b"version: '\xff'\n", "not UTF-8 at byte 10"), ("version: '1'\n".encode("utf-16"), "not UTF-8")]
)
def test_files_that_are_no_text(tmp_path: Path, raw: bytes, says: str) -> None:
    (tmp_path / "policy.yaml").write_bytes(raw)
    with pytest.raises(ConfigError, match=says):
        load(tmp_path)


def test_a_folder_that_is_not_there() -> None:
    with pytest.raises(ConfigError, match="no such folder"):
        load("/no/such/folder")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("facet,word,label,weight\nbusiness,卡,moon,1\n", "'moon' is no label of business; legal: debit_card"),
        ("facet,word,label,weight\ncolour,卡,loan,1\n", "no facet 'colour'"),
        ("facet,word,label,weight\nbusiness,卡,loan,many\n", "weights.business.卡.loan is 'many'"),
        ("facet,word,label,weight\nbusiness,卡,loan,nan\n", "finite number"),
        (
            "facet,word,label,weight\nbusiness,卡,loan,1\nbusiness,卡,loan,2\n",
            "line 3; '卡' has a weight for loan already",
        ),
        ("facet,word,label,weight\nbusiness,卡,loan\n", "line 2 is 'business,卡,loan'; legal: 4 cells"),
        ("word,label\n", "line 1 is 'word,label'; legal: facet,word,label,weight"),
        ("", "line 1 is ''; legal: facet"),
    ],
)
def test_bad_lexicons(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules/lexicon.csv").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load(tmp_path)
    assert says in str(caught.value)
