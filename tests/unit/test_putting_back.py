"""A link that is changed and put back, over an engine in memory: the real one is in tests/stack."""

import dataclasses
import signal
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import NoReturn

import pytest
from click.testing import CliRunner

from lab.cli.main import main
from lab.errors import UnhealthyError, UsageProblem
from lab.model.link_state import AUTO, KERNELS_OWN, LinkState, Wish
from lab.stack import pacs_settings, putting_back, shaping, standing, wished
from lab.stack.wished import Wished
from lab.system import engine as engine_module
from lab.system import lock, process, settings, store
from lab.system.home import Home
from lab.system.netns import SHAPER_ROLES
from tests.unit.engines import PROJECT, Boxes, Client, engine_of, shaper
from tests.unit.hosts import plain_host

WAN = Wish(profile=store.profile("wan-20ms"), shaper="tun")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "root", "test")


def noted(home: Home, found: Wished) -> None:
    """What a killed benchmark leaves on disk."""
    lock.session(home).begin("benchmark of quick", dataclasses.asdict(found))


def test_where_nothing_runs_there_is_nothing_to_shape(home: Home) -> None:
    engine = engine_of(Boxes())
    for attempt in (
        lambda: shaping.apply(home, engine, WAN),
        lambda: shaping.planned_argvs(engine, WAN),
        lambda: shaping.rewind(engine),
    ):
        with pytest.raises(UnhealthyError, match="no container is running") as failed:
            attempt()
        assert failed.value.remedy == "lab up"


def test_clearing_where_nothing_runs_is_fine(home: Home) -> None:
    assert shaping.clear(home, engine_of(Boxes())) == {}
    assert shaping.clearing_plan(engine_of(Boxes())) == {}


def test_after_a_reboot_the_next_command_says_what_was_left_and_goes_on(home: Home) -> None:
    noted(home, Wished(wish=WAN))
    said: list[str] = []
    putting_back.put_right(home, engine_of(Boxes()), said.append)
    assert said == [
        "a benchmark of quick was killed: putting the link back to wan-20ms",
        "the link could not be put back to wan-20ms (no container is running): it is cleared",
    ]
    assert lock.session(home).read() is None
    putting_back.put_right(home, engine_of(Boxes()), said.append)
    assert len(said) == 2


def test_a_pacs_that_does_not_come_back_is_in_nobodys_way(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The remedy is `lab down`, which begins with this."""

    def gone(*_: object) -> NoReturn:
        raise pacs_settings.DidNotComeBack("Orthanc did not come back", "lab down")

    monkeypatch.setattr(settings, "read", lambda _: object())
    monkeypatch.setattr(pacs_settings, "put_back", gone)
    noted(home, Wished(wish=WAN))
    said: list[str] = []
    putting_back.put_right(home, engine_of(Boxes()), said.append)
    assert "Orthanc's settings could not be put back (Orthanc did not come back): lab down" in said[-1]
    assert lock.session(home).read() is None


def interrupted(*_: object) -> NoReturn:
    raise KeyboardInterrupt


@pytest.mark.parametrize("block", [putting_back.as_found, putting_back.whole_or_clear])
def test_who_is_interrupted_while_putting_back_leaves_the_note_to_the_next_command(
    home: Home, monkeypatch: pytest.MonkeyPatch, block: Callable[..., AbstractContextManager[None]]
) -> None:
    engine = engine_of(Boxes())
    with monkeypatch.context() as second:
        second.setattr(putting_back, "put_back", interrupted)
        with pytest.raises(KeyboardInterrupt), block(home, engine, "benchmark of quick", print):
            raise KeyboardInterrupt
    assert lock.session(home).read() is not None
    said: list[str] = []
    putting_back.put_right(home, engine, said.append)
    assert said == ["a benchmark of quick was killed: putting the link back to clear"]
    assert lock.session(home).read() is None


@pytest.mark.parametrize("block", [putting_back.as_found, putting_back.whole_or_clear])
def test_what_fails_and_is_put_back_leaves_no_note(
    home: Home, block: Callable[..., AbstractContextManager[None]]
) -> None:
    with pytest.raises(KeyboardInterrupt), block(home, engine_of(Boxes()), "benchmark of quick", print):
        raise KeyboardInterrupt
    assert lock.session(home).read() is None


@pytest.mark.parametrize("role", SHAPER_ROLES)
def test_a_shaper_whose_time_was_up_is_taken_away_and_one_that_was_stopped_is_told(
    home: Home, role: str
) -> None:
    done = shaper(role, "tester", status="exited", exit_code=0)
    stopped = shaper(role, "orthanc", status="exited", exit_code=128 + signal.SIGTERM)
    boxes, said = Boxes(done, stopped), list[str]()
    putting_back.put_right(home, engine_of(boxes), said.append)
    assert boxes.all == [stopped]
    assert said == [f"the {role} beside orthanc has died: lab net status tells, lab net clear tidies up"]
    shaping.clear(home, engine_of(boxes))
    assert boxes.all == []


def put_back_to(home: Home, monkeypatch: pytest.MonkeyPatch, found: Wished) -> list[Wish]:
    """What is applied of what was found."""
    applied: list[Wish] = []
    monkeypatch.setattr(shaping, "apply", lambda _, __, wish: applied.append(wish))
    putting_back.put_back(home, engine_of(Boxes()), found, print)
    return applied


def test_a_link_for_a_while_is_put_back_for_the_time_it_has_left(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    wish = dataclasses.replace(WAN, duration_s=600.0)
    (again,) = put_back_to(home, monkeypatch, Wished(wish=wish, ends_at_s=time.time() + 200))
    assert again.duration_s is not None
    assert 100 < again.duration_s <= 200
    assert put_back_to(home, monkeypatch, Wished(wish=wish, ends_at_s=time.time() - 1)) == []
    assert put_back_to(home, monkeypatch, Wished(wish=WAN)) == [WAN]


def test_too_little_time_to_shape_and_feel_a_link_is_none_left(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UsageProblem, match=r"1 s is less than it takes to put wan-20ms on") as refused:
        shaping.demand_time(dataclasses.replace(WAN, duration_s=1.0))
    assert refused.value.remedy == "--duration 4s or more"
    wish = dataclasses.replace(WAN, duration_s=600.0)
    assert put_back_to(home, monkeypatch, Wished(wish=wish, ends_at_s=time.time() + 1)) == []


def test_a_congestion_control_without_impairments_is_put_back_too(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = Wish(profile=store.profile("baseline"), congestion_control=KERNELS_OWN)
    reno = dataclasses.replace(plain, congestion_control="reno")
    assert put_back_to(home, monkeypatch, Wished(wish=reno)) == [reno]
    assert put_back_to(home, monkeypatch, Wished(wish=plain)) == []


@pytest.mark.parametrize(("kernels", "noted_as"), [("bbr", "cubic"), ("cubic", KERNELS_OWN)])
def test_of_a_congestion_control_left_to_the_lab_what_it_became_is_noted(
    home: Home, monkeypatch: pytest.MonkeyPatch, kernels: str, noted_as: str
) -> None:
    host = plain_host("cubic", kernel_congestion_control=kernels)
    state = LinkState(profile="baseline", shaper="none", hosts=(host,))
    monkeypatch.setattr(standing, "status", lambda *_: state)
    wished.note(home, Wished(wish=Wish(profile=store.profile("baseline"), congestion_control=AUTO)))
    with monkeypatch.context() as meanwhile, suppress(KeyboardInterrupt):
        meanwhile.setattr(putting_back, "put_back", interrupted)
        with putting_back.as_found(home, engine_of(Boxes()), "benchmark of quick", print):
            pass
    left = lock.session(home).read()
    assert left is not None
    assert left["restore"]["wish"]["congestion_control"] == noted_as


def test_what_was_found_is_noted_with_its_end(home: Home) -> None:
    ends_at_s = time.time() - 1
    noted(home, Wished(wish=dataclasses.replace(WAN, duration_s=600.0), ends_at_s=ends_at_s))
    said: list[str] = []
    putting_back.put_right(home, engine_of(Boxes()), said.append)
    assert said == ["a benchmark of quick was killed: putting the link back to clear"]


@pytest.mark.parametrize(
    "words",
    ["status", "net status", "net clear", "top --count 1", "exec tester true", "dcmtk echoscu orthanc 4242"],
)
def test_whoever_has_to_do_with_the_running_stack_tells_of_a_shaper_that_died(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    boxes = Boxes(shaper("emulator", "orthanc", status="exited", exit_code=137))
    monkeypatch.setattr(engine_module, "connect", lambda: Client(boxes))
    monkeypatch.setattr(process, "pass_through", lambda *_, **__: 0)
    where = ["--root", str(tmp_path), "--project", PROJECT]
    assert "the emulator beside orthanc has died" in CliRunner().invoke(main, [*where, *words.split()]).stderr
