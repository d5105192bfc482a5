"""The store, on SQLite and on a real PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from kept import NOON, decided, said
from sqlalchemy import func, inspect, select

from triage.errors import UsageError
from triage.serve.feedback.database import migrate, open_engine, revision
from triage.serve.feedback.store import Store
from triage.serve.feedback.tables import METADATA, conflicts, decisions, feedback


def rows(store: Store, table: str) -> int:
    with store.engine.begin() as connection:
        return connection.execute(select(func.count()).select_from(METADATA.tables[table])).scalar_one()


def test_the_migrations_make_the_tables_that_the_code_expects(store: Store) -> None:
    found = inspect(store.engine)
    for name, table in METADATA.tables.items():
        assert {c["name"] for c in found.get_columns(name)} == {c.name for c in table.columns}
        assert {c["name"] for c in found.get_columns(name) if c["nullable"]} == {
            c.name for c in table.columns if c.nullable
        }
        assert {i["name"] for i in found.get_indexes(name)} >= {i.name for i in table.indexes}
    assert revision(store.engine) == store.migrate() == "0001"


def test_several_migrate_at_once(url: str) -> None:
    engines = [open_engine(url, patience=20) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(migrate, engines)) == ["0001"] * 4
    for engine in engines:
        engine.dispose()


def test_tables_of_a_newer_version_are_left_alone(store: Store) -> None:
    with store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE triage_schema SET version_num = '9999'")
    with pytest.raises(UsageError, match="'9999'; legal: 0001"):
        store.migrate()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://host/name", "'mysql'"),
        ("no url", "is no URL"),
        ("sqlite://", "in memory"),
        ("sqlite:///:memory:", "in memory"),
    ],
)
def test_other_databases_are_refused(url: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        Store(url)


def test_one_key_one_row(store: Store) -> None:
    assert store.put(said("k")) == "new"
    assert store.put(said("k", minutes=9)) == "same"
    assert store.put(said("k", digest="other")) == "conflict"
    assert store.put(said("k2")) == "new"
    assert (rows(store, "feedback"), rows(store, "conflicts")) == (2, 0)


def test_the_same_key_many_times_at_once_is_one_row(store: Store) -> None:
    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(lambda _: store.put(said("k")), range(20)))
    assert sorted(set(told)) == ["new", "same"]
    assert told.count("new") == rows(store, "feedback") == 1


def test_delivery_bears_repeats_and_sets_conflicts_aside_once(store: Store) -> None:
    batch = [said("a"), said("b"), said("a", digest="other", subject="s")]
    assert store.deliver(batch) == 2
    assert store.deliver(batch) == 0
    assert (rows(store, "feedback"), rows(store, "conflicts")) == (2, 1)
    with store.engine.begin() as connection:
        aside = connection.execute(select(conflicts)).mappings().one()
    assert (aside["reason"], aside["subject"]) == ("conflict", "s")
    assert '"digest":"other"' in aside["record"]


def test_a_row_that_the_database_refuses_does_not_hold_up_the_others(postgres: object, store: Store) -> None:
    if store.engine.dialect.name == "sqlite":
        pytest.skip("SQLite takes every value")
    assert store.deliver([said("a"), said("b", note="nul\x00"), said("c")]) == 2
    assert (rows(store, "feedback"), rows(store, "conflicts")) == (2, 1)


def test_the_queue_holds_what_waits_the_most_urgent_first(store: Store) -> None:
    store.deliver(
        [
            decided("late", minutes=5),
            decided("early"),
            decided("critical", minutes=9, urgency="critical", rank=0),
            decided("auto", verdict="auto"),
            decided("elsewhere", department="payment_ops", minutes=1),
        ]
    )
    page = store.reviews(limit=2)
    assert ([item.id for item in page.items], page.total, page.next) == (["critical", "early"], 4, "early")
    page = store.reviews(limit=2, after=page.next)
    assert ([item.id for item in page.items], page.next) == (["elsewhere", "late"], None)
    assert [item.id for item in store.reviews(limit=9, department="payment_ops").items] == ["elsewhere"]
    assert [item.id for item in store.reviews(limit=9, urgency="critical").items] == ["critical"]
    assert store.reviews(limit=9, department="nowhere").items == []


@pytest.mark.parametrize("feedback_first", [False, True])
def test_judged_decisions_leave_the_queue_in_whichever_order_they_come(store: Store, *, feedback_first: bool) -> None:
    pair = [decided("t-1"), said("k", minutes=3)]
    store.deliver(reversed(pair) if feedback_first else pair)  # type: ignore[arg-type]
    assert store.reviews(limit=9).items == []
    item = store.review("t-1")
    assert item is not None
    assert item.reviewed == NOON + timedelta(minutes=3)
    assert store.review("t-2") is None


def test_a_mere_note_leaves_the_decision_in_the_queue(store: Store) -> None:
    store.deliver([decided("t-1"), said("k", confirmed=False, note="后续跟进")])
    assert len(store.reviews(limit=9).items) == 1


def test_a_complaint_decided_anew_takes_its_old_place_unless_it_was_judged(store: Store) -> None:
    store.deliver([decided("t-1", text="old"), decided("t-2", text="old"), said("k", decision_id="t-2")])
    store.deliver([decided("t-1", minutes=1, text="new"), decided("t-2", minutes=1, text="new")])
    store.deliver([decided("t-1", minutes=-1, text="overtaken")])
    assert {id: store.review(id).text for id in ("t-1", "t-2")} == {"t-1": "new", "t-2": "old"}  # type: ignore[union-attr]  # noqa: A001


def test_forgetting_takes_all_of_one_person_and_nothing_of_another(store: Store) -> None:
    store.deliver(
        [
            decided("hers", subject="her"),
            decided("named only in feedback"),
            decided("his", subject="him"),
            said("1", decision_id="hers"),
            said("2", decision_id="named only in feedback", subject="her"),
            said("3", decision_id="his"),
            said("2", digest="other", subject="her"),
        ]
    )
    gone = store.forget("her", now=NOON + timedelta(hours=1))
    assert (gone.feedback, gone.decisions) == (2, 2)
    assert [rows(store, name) for name in ("feedback", "decisions", "conflicts")] == [1, 1, 0]
    # What was said before and arrives only now is dropped; what she says later is a new matter.
    assert store.put(said("4", subject="her", minutes=30)) == "dropped"
    assert store.put(said("5", subject="her", minutes=90)) == "new"
    assert store.put(decided("x", subject="him")) == "new"


def test_retention(store: Store) -> None:
    store.deliver([decided("old", minutes=-10), decided("new"), said("1", minutes=-10), said("2")])
    assert store.purge(before=NOON) == 2
    with store.engine.begin() as connection:
        assert list(connection.scalars(select(decisions.c.id))) == ["new"]
        assert list(connection.scalars(select(feedback.c.key))) == ["2"]
