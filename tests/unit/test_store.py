"""The ingest benchmark's figures, doubts, proof and table."""

import dataclasses
from typing import Any

import pytest

from lab.bench.emulator import is_fast
from lab.bench.known import Felt, StoreKnown
from lab.bench.store_figures import doubts, run_of
from lab.bench.store_methods import contexts_fit, shares_of
from lab.bench.store_proof import differences, prove_answers
from lab.dicom.storing import contexts_of, data_set_buffers, fragment_bytes, status_text
from lab.errors import DeliveryError, UsageProblem
from lab.model.case import Case
from lab.model.conditions import EmulatorRecord, Flow
from lab.model.link_state import LinkState
from lab.model.path import UNKNOWN, Path
from lab.model.profile import Link, Profile
from lab.model.store import StoreOutcome, Stores
from lab.model.store_record import StoreRun
from lab.model.study import Study
from lab.report.stores import STORE_COLUMNS, store_doubt_lines, store_rows
from lab.report.text import as_table
from lab.statistics.doubting import few_runs
from lab.system import store
from tests.unit.hosts import plain_host
from tests.unit.records import no_link
from tests.unit.studies import small_study
from tests.unit.test_figures import emulating, predicted

STUDY = small_study()
CASE = Case(
    study="small",
    method="lab",
    parallel=1,
    max_pdu_bytes=0,
    profile=None,
    shaper="auto",
    congestion_control="",
    runs=3,
    warmup=1,
)


def link(congestion_control: str = "cubic", rate_bit_s: float | None = None, trouble: str = "") -> LinkState:
    hosts = tuple(
        plain_host(congestion_control, service=service, link=Link(rate_bit_s=rate_bit_s), trouble=trouble)
        for service in ("dcmtk", "orthanc", "tester")
    )
    return LinkState(profile="baseline", shaper="none", hosts=hosts)


WAN = store.profile("wan-20ms")
STARTED = "2026-01-01T12:00:00.000+00:00"
KNOWN = StoreKnown(felt=Felt(state=link(), rtt_ms=0.1, path=UNKNOWN), prediction=None)


def outcome(took_ms: float = 70, gap_ms: float = 100, **changes: Any) -> StoreOutcome:
    """Each instance begun ``gap_ms`` after the one before."""
    begin_s = [row * gap_ms / 1e3 for row in range(len(STUDY.instances))]
    stores = Stores(
        sop_instance_uids=[one.sop_instance_uid for one in STUDY.instances],
        dataset_bytes=[one.dataset_bytes for one in STUDY.instances],
        begin_s=begin_s,
        end_s=[at + took_ms / 1e3 for at in begin_s],
        status=[0 for _ in begin_s],
        association=[0 for _ in begin_s],
    )
    values: dict[str, Any] = {"stores": stores, "failures": {}, "lost": "", "associate_s": 0.01}
    return StoreOutcome(**{**values, "client_cpu_s": 0.01, **changes})


def run(method: str = "lab", **changes: Any) -> StoreRun:
    made = run_of(STUDY, dataclasses.replace(CASE, method=method), KNOWN, outcome(), STARTED)
    return dataclasses.replace(made, **changes)


def known(state: LinkState | None = None, rtt_ms: float = 0.1, expected_s: float | None = None) -> StoreKnown:
    felt = Felt(state=state or link(), rtt_ms=rtt_ms, path=UNKNOWN)
    return StoreKnown(felt=felt, prediction=None if expected_s is None else predicted(expected_s))


def codes(
    state: LinkState | None = None, *, rtt_ms: float = 0.1, runs: int = 3, method: str = "lab", **of: Any
) -> set[str]:
    case = dataclasses.replace(CASE, runs=runs, method=method)
    return {doubt.code for doubt in doubts(case, known(state, rtt_ms), outcome(**of), None)}


def test_figures_count_from_the_first_request() -> None:
    found = run()
    assert (found.first_s, found.duration_s) == pytest.approx((0.07, 0.27))
    assert found.mbit_s == pytest.approx(STUDY.dataset_bytes * 8 / 0.27 / 1e6)
    assert found.gap_ms is not None
    assert found.gap_ms.p50 == pytest.approx(100)
    assert found.instance_ms.max == pytest.approx(70)
    assert found.congestion_control == {"client": "cubic", "pacs": "cubic"}


def test_a_sound_run_carries_no_doubt() -> None:
    assert codes() == set()


def test_instances_that_take_40_ms_longer_than_the_path_explains_are_doubted() -> None:
    assert codes(took_ms=44) == {"delayed_ack_stall"}
    assert codes(took_ms=44, rtt_ms=40) == set()
    assert codes(link(rate_bit_s=STUDY.dataset_bytes / 3 * 8 / 0.040), took_ms=44) == set()


def test_a_sender_that_was_busy_is_doubted_and_one_that_does_not_tell_is_not() -> None:
    assert codes(client_cpu_s=0.24) == {"client_busy"}
    assert codes(client_cpu_s=None) == set()


def test_that_runs_are_few_is_not_said_by_one_of_them() -> None:
    assert codes(runs=1) == set()


def test_bbr_over_latency_and_a_shaper_in_trouble_are_doubted() -> None:
    assert codes(link("bbr"), rtt_ms=40) == {"paced_by_bbr"}
    assert codes(link(trouble="its emulator has died")) == {"link_trouble"}


def test_the_path_that_is_held_to_the_profile_is_the_one_that_images_go_by() -> None:
    half = Path(down=Flow(mbit_s=90.0), up=Flow(mbit_s=50.0), congestion_control={})
    felt = Felt(state=asymmetric(up_bit_s=100e6), rtt_ms=0.1, path=half)
    assert "path_slower_than_profile" in doubted(felt)
    felt = Felt(state=asymmetric(up_bit_s=50e6), rtt_ms=0.1, path=half)
    assert "path_slower_than_profile" not in doubted(felt)


def asymmetric(up_bit_s: float) -> LinkState:
    """What clients send is slower than what the PACS sends."""
    hosts = {"dcmtk": up_bit_s, "orthanc": 100e6, "tester": up_bit_s}
    found = link().hosts
    shaped = (dataclasses.replace(one, link=Link(rate_bit_s=hosts[one.service])) for one in found)
    return LinkState(profile="asymmetric", shaper="tun", hosts=tuple(shaped))


def doubted(felt: Felt) -> set[str]:
    found = run_of(STUDY, CASE, StoreKnown(felt=felt, prediction=None), outcome(), STARTED)
    return {doubt.code for doubt in found.doubts}


def over(
    profile: Profile, *, expected_s: float | None = None, emulator: EmulatorRecord | None = None
) -> set[str]:
    """Codes of the doubts about a run of 0.27 s by our sender over a link where reno stands in for cubic."""
    case = dataclasses.replace(CASE, profile=profile, congestion_control="auto")
    record = dataclasses.replace(no_link(), emulator=emulator)
    return {doubt.code for doubt in doubts(case, known(link("reno"), 40, expected_s), outcome(), record)}


def test_a_links_doubts_are_a_stores_as_well() -> None:
    usual = {"not_the_usual_congestion_control"}
    assert over(WAN, expected_s=0.27) == usual
    assert over(WAN, expected_s=0.2) == {*usual, "prediction_missed"}
    lossy = dataclasses.replace(WAN, up=Link(loss_ratio=0.01, loss_burst_packets=3.0))
    assert over(lossy) == {*usual, "bursts_of_packets"}
    assert over(WAN, emulator=emulating(late_p99_ms=1.2)) == {*usual, "emulator_late"}
    assert over(WAN, emulator=emulating(busiest_cpu_share=0.9)) == {*usual, "emulator_near_ceiling"}
    assert over(WAN, emulator=emulating(ceiling_mbit_s=run().mbit_s)) == {*usual, "emulator_near_ceiling"}


@pytest.mark.parametrize(("method", "fast"), [("c-move", True), ("lab", False), ("rest", False)])
def test_the_emulator_is_measured_for_the_rate_that_images_go_at(method: str, fast: bool) -> None:
    line = dataclasses.replace(WAN, down=Link(rate_bit_s=1e9), up=Link(rate_bit_s=10e6))
    assert is_fast(dataclasses.replace(CASE, method=method, profile=line)) is fast
    assert not is_fast(dataclasses.replace(CASE, method=method, profile=None))


def test_every_instance_that_was_refused_or_lost_is_named_by_file_uid_and_why() -> None:
    first, second, third = STUDY.instances
    whole = outcome().stores
    cut = Stores(**{name: column[:2] for name, column in dataclasses.asdict(whole).items()})
    lost = outcome(stores=cut, failures={second.sop_instance_uid: status_text(0xA700)}, lost="the PACS left")
    assert differences(lost, STUDY) == [
        f"{second.file} ({second.sop_instance_uid}): status 0xA700: refused: out of resources",
        f"{third.file} ({third.sop_instance_uid}): was not answered",
    ]
    with pytest.raises(
        DeliveryError, match=r"lab stored 1 of 3 instances of small \(the PACS left\)"
    ) as error:
        prove_answers(lost, "lab", STUDY)
    assert error.value.exit_code == 6
    assert first.file not in str(error.value)


def test_a_run_in_which_everything_was_answered_well_is_proved() -> None:
    prove_answers(outcome(), "rest", STUDY)


def test_an_association_that_broke_is_no_number_even_when_all_was_answered() -> None:
    with pytest.raises(DeliveryError, match="stored 3 of 3"):
        prove_answers(outcome(lost="storescu ended with 1"), "storescu", STUDY)


def test_the_ratio_is_to_the_fastest_method_on_the_same_link() -> None:
    durations = {"lab": 0.25, "rest": 0.5}
    runs = [run(method, duration_s=duration_s) for method, duration_s in durations.items()]
    runs.append(run("lab", profile="wan", duration_s=9.0))
    assert [row["to the fastest"] for row in store_rows(runs)] == [1, 2, 1]


def test_a_row_has_the_medians_of_its_runs_and_the_table_every_column() -> None:
    rows = store_rows([run(duration_s=1.0), run(duration_s=3.0), run(duration_s=2.0)])
    assert [(row["duration s"], row["runs"], row["stored"]) for row in rows] == [(2.0, 3, "3/3")]
    assert rows[0].keys() == set(STORE_COLUMNS)
    assert "to the fastest" in as_table(rows, STORE_COLUMNS)


def test_a_doubt_is_said_once_with_the_links_and_methods_it_is_about() -> None:
    few = few_runs(1)
    lines = store_doubt_lines([run(doubts=few), run(doubts=few), run("rest", doubts=few)])
    assert len(lines) == 1
    assert lines[0].startswith("baseline by lab, baseline by rest: fewer than three runs")


def test_a_share_is_never_empty_and_the_union_is_the_study() -> None:
    shares = shares_of(STUDY, 5)
    assert [len(share) for share in shares] == [1, 1, 1]
    assert {one for share in shares for one in share} == set(STUDY.instances)


def test_more_kinds_than_an_association_can_propose_are_a_usage_problem() -> None:
    instances = tuple(
        dataclasses.replace(STUDY.instances[0], sop_instance_uid=f"2.25.{n}", sop_class_uid=f"2.25.9.{n}")
        for n in range(129)
    )
    many = Study(name="many", recipe_sha256="", instances=instances)
    with pytest.raises(UsageProblem, match="129 pairs"):
        contexts_fit(many, 1)
    contexts_fit(many, 2)


def test_contexts_have_odd_ids_up_to_255_and_a_pair_has_one_only() -> None:
    pairs = [("1.2", f"1.2.{n}") for n in range(128)]
    contexts = contexts_of([*pairs, *pairs])
    assert [one.context_id for one in contexts] == list(range(1, 256, 2))
    assert {len(one.transfer_syntaxes) for one in contexts} == {1}


@pytest.mark.parametrize(
    ("announced", "fragment"),
    [(0, (1 << 20) - 6), (131072, 131066), (16383, 16376), (1 << 24, (1 << 20) - 6)],
)
def test_a_pdu_is_as_long_as_announced_and_its_fragment_even(announced: int, fragment: int) -> None:
    assert fragment_bytes(announced) == fragment


def test_only_the_last_fragment_of_a_data_set_says_so() -> None:
    buffers = data_set_buffers(5, [b"abcd", b"ef"], ends=True)
    assert buffers == [
        bytes.fromhex(
            "04 00 0000000A 00000006 05 00"
        ),  # P-DATA-TF; value of 6 bytes on context 5, not the last
        b"abcd",
        bytes.fromhex("04 00 00000008 00000004 05 02"),  # the last fragment of a Data Set
        b"ef",
    ]
    assert data_set_buffers(5, [b"ab"], ends=False)[0][-1] == 0


def test_statuses_are_told_in_hex_and_in_the_words_of_the_standard() -> None:
    assert status_text(0xA712) == "status 0xA712: refused: out of resources"
    assert status_text(0xC123, "no disk") == "status 0xC123: the PACS cannot understand it (no disk)"
    assert status_text(0x0122) == "status 0x0122: SOP class not supported"
