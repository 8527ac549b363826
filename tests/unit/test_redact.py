"""Records that are to be given to others: nothing in them tells whose they are."""

import dataclasses
import json
import types
import typing
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.model.case import Case
from lab.model.exchange import Accepted
from lab.model.profile import Link, Profile
from lab.model.record import Record
from lab.model.spread import Doubt, Failure
from lab.model.store_record import StoreRecord
from lab.report.redact import redacted
from lab.report.redact_table import FIELDS, INSTANCE, KEPT, PACS, TEXT
from lab.statistics.results import results_of
from tests.unit.record_classes import hints, parts_of, record_classes
from tests.unit.records import record, run


def speedtest(title: str = "PACS-CHU", host: str = "pacs.chu.example", study: str = "1.2.3.4.5") -> Record:
    peer = Accepted(
        peer="192.0.2.7",
        calling_ae_title=title,
        instances=1,
        received_bytes=1,
        accept_s=0.1,
        trouble=f"{title} at {host} hung up",
        connection=None,
    )
    doubt = Doubt(code="not_counted", text=f"{host}:104 counts nothing of {study}", remedy=f"ask {title}")
    failure = Failure(message=f"192.0.2.7 does not answer; {title} moved {study}", remedy="", exit_code=4)
    environment = dataclasses.replace(record().environment, pacs=f"{title} at {host}:104", project="chu")
    runs = [run(profile="", study=study, connections=[peer], doubts=[doubt]), run(study="quick")]
    return dataclasses.replace(record(), environment=environment, runs=runs, failure=failure)


def test_every_text_of_a_record_is_kept_or_replaced_on_purpose() -> None:
    texts = {
        kind: {name for name, hint in hints(kind).items() if str in parts_of(hint)}
        for kind in record_classes()
    }
    assert {kind: set(rules) for kind, rules in FIELDS.items()} == {
        kind: names for kind, names in texts.items() if names
    }


def test_hosts_titles_and_studies_are_gone_and_the_rest_is_there() -> None:
    (found,) = redacted([speedtest()], public={"quick"})
    assert found.environment.pacs == "AE-1 at host-1:104"
    assert (found.environment.project, found.environment.kernel) == ("project-1", "Linux 6.1")
    first, second = found.runs
    assert (first.study, second.study) == ("study-1", "quick")
    assert isinstance(found, Record)
    assert found.runs[0].connections[0].trouble == "AE-1 at host-1 hung up"
    assert first.doubts[0].text == "host-1:104 counts nothing of study-1"
    assert found.failure
    assert found.failure.message == "host-2 does not answer; AE-1 moved study-1"
    assert first.duration_s == speedtest().runs[0].duration_s


def test_what_the_labs_own_pacs_is_stays() -> None:
    for pacs in ("Orthanc 1.12.7", "Orthanc 1.12.7, with Nagle's algorithm"):
        environment = dataclasses.replace(record().environment, pacs=pacs)
        (found,) = redacted([dataclasses.replace(record(), environment=environment)])
        assert found.environment.pacs == pacs


def test_who_is_the_same_stays_the_same_and_who_is_not_does_not() -> None:
    records = [speedtest(), speedtest("OTHER"), speedtest()]
    found = [one.environment.pacs for one in redacted(records)]
    assert found == ["AE-1 at host-1:104", "AE-2 at host-1:104", "AE-1 at host-1:104"]
    assert len(results_of(redacted(records))) == len(results_of(records))


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("10.1.2.3 and fe80::1 do not answer", "host-1 and host-2 do not answer"),
        ("at 12:00:00 Orthanc 1.12.7 said 0.25", "at 12:00:00 Orthanc 1.12.7 said 0.25"),
        ("pacs:4242 refuses, pacs2.example.org too", "host-1:4242 refuses, host-2 too"),
        ("/home/jean/plan.toml: no", "path-1: no"),
        ("see https://pacs.example/a?b=1, or docs/records.md", "see url-1, or docs/records.md"),
        ("write to jean.dupont@chu.example", "write to mail-1"),
        ("2.25.1.99.3 came in 1.2.840.10008.1.2.4.80", "uid-1 came in 1.2.840.10008.1.2.4.80"),
        ("2.25.329800735698586629295641978511506172918 did not arrive", "uid-1 did not arrive"),
        ("took 2.25 s, 12.25.1 of 2.250.1", "took 2.25 s, 12.25.1 of 2.250.1"),
        ("sha256:14c4be0d, 48/48 at 30 Mbit/s", "sha256:14c4be0d, 48/48 at 30 Mbit/s"),
    ],
)
def test_what_looks_like_an_address_goes_out_of_sentences(text: str, left: str) -> None:
    failed = dataclasses.replace(record(), failure=Failure(message=text, remedy="", exit_code=1))
    (found,) = redacted([failed])
    assert found.failure
    assert found.failure.message == left


def test_a_profile_of_ones_own_keeps_its_figures_only() -> None:
    link = Link(delay_s=0.02)
    own = Profile(name="chu-vpn", description="learned from pacs.chu", down=link, up=link, source="ping")
    case = Case(
        study="dupont",
        profile=own,
        shaper="tun",
        congestion_control="",
        runs=1,
        warmup=0,
        max_pdu_bytes=0,
        orthanc={"DicomAet": "CHU", "StableAge": 60},
    )
    (found,) = redacted([dataclasses.replace(record(), case=case)])
    assert found.case
    assert found.case.profile
    assert found.case.study == "study-2"
    assert found.case.orthanc == {"DicomAet": "setting-1", "StableAge": 60}
    assert found.case.profile == dataclasses.replace(
        own, name=found.case.profile.name, description="description-1", source="description-2"
    )
    assert found.case.profile.name.startswith("profile-")


def test_a_short_title_is_replaced_where_it_is_a_word() -> None:
    (found,) = redacted([speedtest(title="A")])
    assert found.runs[0].doubts[0].remedy == "ask AE-1"


Secrets = Callable[[str], str]


def filled(kind: Any, secret: Secrets, rule: str = KEPT) -> Any:
    """A value of that type in which every text is ``secret`` of its rule."""
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        rules = FIELDS.get(kind, {})
        return kind(
            **{name: filled(hint, secret, rules.get(name, KEPT)) for name, hint in hints(kind).items()}
        )
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin in (types.UnionType, typing.Union):
        return filled(str if str in inner else inner[0], secret, rule)
    if origin is dict:
        return {"key": filled(inner[1], secret, rule)}
    if origin in (list, tuple):
        return origin([filled(inner[0], secret, rule)])
    return secret(rule) if kind is str else kind(1)


NAMES = st.from_regex(r"\A[A-Z][A-Z0-9_.+ -]{4,8}[A-Z0-9]\Z")


@settings(max_examples=25, deadline=None)
@given(NAMES, st.sampled_from([Record, StoreRecord]))
def test_no_text_that_is_to_be_replaced_survives_anywhere(stem: str, kind: type) -> None:
    used: list[str] = []

    def secret(rule: str) -> str:
        if rule in (KEPT, TEXT):
            return rule
        used.append(f"2.25.{len(used)}.9.9" if rule == INSTANCE else f"{stem}{len(used)}x")
        return f"{used[-1]} at {used[-1]}H:1" if rule == PACS else used[-1]

    def sentence(rule: str) -> str:
        return " of ".join(["in", *used, "here"]) if rule == TEXT else rule

    records = [filled(kind, secret), filled(kind, sentence)]
    text = json.dumps(msgspec.to_builtins(redacted(records)))
    assert len(used) > 3
    assert [one for one in used if one in text] == []
