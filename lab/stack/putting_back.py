"""A link that is changed for a while: noted on disk, then put back, at worst by the next command."""

import dataclasses
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from lab.errors import LabError
from lab.model.link_state import AUTO, KERNELS_OWN, LinkState, Wish
from lab.model.plain import NotOfThatKind, from_plain
from lab.stack import pacs_settings, shaping, standing, wished
from lab.stack.feeling import takes_s
from lab.stack.wished import Wished
from lab.system import lock, netns, settings, store
from lab.system.engine import BESIDE_LABEL, Engine
from lab.system.home import Home

Say = Callable[[str], None]
_CUSTOM = "custom"


@contextmanager
def as_found(home: Home, engine: Engine, doing: str, say: Say) -> Iterator[None]:
    """Leave the link as it was found, whatever happens in the block, where it may be read often."""
    with netns.readers_staying(engine):
        found = _as_found(home, standing.status(home, engine))
        done = _noted(home, doing, found)
        try:
            yield
        finally:
            put_back(home, engine, found, say)
            done()


@contextmanager
def all_as_found(home: Home, engine: Engine, kept: settings.Settings, doing: str, say: Say) -> Iterator[None]:
    """Leave the link as it was found, Orthanc with the lab's own settings, whatever happens in the block."""
    with as_found(home, engine, doing, say):
        try:
            yield
        finally:
            pacs_settings.put_back(engine, kept)


@contextmanager
def whole_or_clear(home: Home, engine: Engine, doing: str, say: Say) -> Iterator[None]:
    """Shape in the block: done whole, or the link is clear again."""
    done = _noted(home, doing, None)
    try:
        yield
    except BaseException:
        put_back(home, engine, None, say)
        done()
        raise
    done()


def _noted(home: Home, doing: str, found: Wished | None) -> Callable[[], None]:
    """Note it for the next command, should this one be killed; what is returned ends the note.

    It is called when all is put back, not when that was interrupted. The outermost block's note is the one.
    """
    session = lock.session(home)
    if session.read() is not None:
        return lambda: None
    session.begin(doing, dataclasses.asdict(found) if found else {})
    return session.end


def put_right(home: Home, engine: Engine, say: Say) -> None:
    """What a killed command left: put link and PACS back, take its sidecars away. Say which shapers died."""
    engine.remove_strays()
    session = lock.session(home)
    left = session.read()
    if left is None:
        _tell_the_dead(engine, say)
        return
    found = _found_in(left["restore"])
    say(f"a {left['doing']} was killed: putting the link back to {_name(_left_of(found))}")
    put_back(home, engine, found, say)
    if kept := settings.read(home):
        _put_settings_back(engine, kept, say)
    session.end()


def _put_settings_back(engine: Engine, kept: settings.Settings, say: Say) -> None:
    """Not in the way of what comes next either, which may be the `lab down` that mends it."""
    try:
        pacs_settings.put_back(engine, kept)
    except LabError as error:
        say(f"Orthanc's settings could not be put back ({error.message}): lab down, then lab up")


def _tell_the_dead(engine: Engine, say: Say) -> None:
    """Shapers that ended when their time was up leave nothing to tell."""
    for role in netns.SHAPER_ROLES:
        for container in engine.sidecars(role):
            service = container.labels[BESIDE_LABEL]
            if engine.ended_well(container):
                engine.remove_sidecars(role, service)
            elif container.status != "running":
                say(f"the {role} beside {service} has died: lab net status tells, lab net clear tidies up")


def put_back(home: Home, engine: Engine, found: Wished | None, say: Say) -> None:
    """The link as noted, None for clear. Never in the way of what comes next."""
    wish = _left_of(found)
    try:
        if wish is None:
            shaping.clear(home, engine)
        else:
            shaping.apply(home, engine, wish)
    except LabError as error:
        say(f"the link could not be put back to {_name(wish)} ({error.message}): it is cleared")
        with suppress(LabError):
            shaping.clear(home, engine)


def _left_of(found: Wished | None) -> Wish | None:
    """For the time that it has left; None for a clear link, and for one whose time is nearly up."""
    if found is None or _is_clear(found.wish):
        return None
    if found.ends_at_s is None:
        return found.wish
    left_s = found.ends_at_s - time.time()
    if left_s < takes_s(found.wish.profile):
        return None
    return dataclasses.replace(found.wish, duration_s=left_s)


def _is_clear(wish: Wish) -> bool:
    """Nothing needs to be put back: no impairment, and the congestion control left to the kernel."""
    return wish.profile.is_plain and wish.congestion_control in (KERNELS_OWN, "")


def _name(wish: Wish | None) -> str:
    return wish.profile.name if wish else "clear"


def _found_in(restore: dict[str, object]) -> Wished | None:
    try:
        return from_plain(Wished, restore) if restore.get("wish") else None
    except NotOfThatKind:
        return None


def _as_found(home: Home, state: LinkState) -> Wished | None:
    """What would bring this state about again; None for a clear link, or one that nobody can name."""
    last = wished.read(home)
    if last and last.wish.profile.name == state.profile:
        named = last.wish.congestion_control
        chosen = _congestion_control(state) if named == AUTO else named
        wish = dataclasses.replace(last.wish, shaper=_shaper(state), congestion_control=chosen)
        return dataclasses.replace(last, wish=wish)
    if state.profile in (_CUSTOM, "none"):
        return None
    profile = store.profile(state.profile, home)
    chosen = _congestion_control(state)
    return Wished(wish=Wish(profile=profile, shaper=_shaper(state), congestion_control=chosen))


def _congestion_control(state: LinkState) -> str:
    """What some host was given, which is another than its kernel would take."""
    given = (h.congestion_control for h in state.hosts if h.congestion_control != h.kernel_congestion_control)
    return next(given, KERNELS_OWN)


def _shaper(state: LinkState) -> str:
    return state.shaper if state.shaper in shaping.SHAPERS else "auto"
