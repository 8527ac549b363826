"""Any profile, for property-based tests."""

from hypothesis import strategies as st

from lab.link.link_keys import carries
from lab.model.profile import DISTRIBUTIONS, Link, Phase, Profile

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
_SHARES = st.one_of(st.just(0.0), st.floats(min_value=0, max_value=0.5))


@st.composite
def links(draw: st.DrawFn, *, may_drop: bool = False) -> Link:
    """A link as a profile file can say it."""
    rate_bit_s = draw(st.none() | st.floats(min_value=8, max_value=99e9))
    delay_s = draw(st.just(0.0) | st.floats(min_value=1e-6, max_value=60))
    jitter_s = draw(st.just(0.0) | st.floats(min_value=0, max_value=2))
    loss_ratio = draw(_SHARES | st.just(1.0) if may_drop else _SHARES)
    burst = draw(st.floats(min_value=1, max_value=10_000))
    return Link(
        rate_bit_s=rate_bit_s,
        delay_s=delay_s,
        jitter_s=jitter_s,
        jitter_distribution=draw(st.sampled_from(DISTRIBUTIONS)) if jitter_s else "normal",
        loss_ratio=loss_ratio,
        loss_burst_packets=burst if 0 < loss_ratio < 1 else 1.0,
        duplicate_ratio=draw(_SHARES),
        corrupt_ratio=draw(_SHARES),
        reorder_ratio=draw(_SHARES) if delay_s else 0.0,
        buffer_s=draw(st.floats(min_value=0, max_value=60)) if rate_bit_s else 0.1,
    )


@st.composite
def profiles(draw: st.DrawFn) -> Profile:
    """A profile as a file can say it, with phases or without."""
    phases = tuple(
        draw(st.just([]) | st.lists(_phases(), min_size=2, max_size=4, unique_by=lambda p: p.name))
    )
    if not any(carries(phase.down) and carries(phase.up) for phase in phases):
        phases = ()
    halves = phases[0] if phases else draw(_phases(may_drop=False))
    return Profile(
        name="p",
        description=draw(TEXTS),
        source=draw(TEXTS),
        assumed=tuple(draw(st.lists(st.sampled_from(_set_keys(halves))))) if _set_keys(halves) else (),
        down=halves.down,
        up=halves.up,
        phases=phases,
        repeat=draw(st.booleans()) if phases else True,
        seed=draw(st.none() | st.integers(min_value=0, max_value=2**63 - 1)),
    )


@st.composite
def _phases(draw: st.DrawFn, *, may_drop: bool = True) -> Phase:
    down = draw(links(may_drop=may_drop))
    return Phase(
        name=draw(TEXTS.filter(str.strip)),
        lasts_s=draw(st.floats(min_value=1e-3, max_value=86400)),
        down=down,
        up=draw(st.just(down) | links(may_drop=may_drop)),
    )


def _set_keys(halves: Phase) -> list[str]:
    """Some keys that the file will set."""
    keys = []
    for name, link in (("down", halves.down), ("up", halves.up)):
        keys += ["rate", f"{name}.rate"] if link.rate_bit_s else []
        keys += ["loss", f"{name}.loss"] if link.loss_ratio else []
        keys += ["delay", f"{name}.delay"] if link.delay_s else []
    return keys
