"""[repeats] and [order] of a plan: how often, and in which order."""

from functools import partial

from lab.link.link_keys import quantity
from lab.model.plan import INTERLEAVED, ORDERS, Repeats
from lab.plans.enough import FEWEST_FOR_AN_INTERVAL
from lab.plans.keys import known_keys, one_of, refuse, whole_number
from lab.units import parse_ratio, parse_time_s

REPEATS = ("warmup", "at_least", "at_most", "within", "budget")
ORDER = ("how", "seed")
_MOST_RUNS = 1000
_MOST_WARMUPS = 100
_share = partial(quantity, parse_ratio, "0.1%", "100%", '"5%"')
_spell = partial(quantity, parse_time_s, "1s", "604800s", '"60s"')


def repeats_of(raw: object, place: str) -> Repeats:
    """Raises UsageProblem naming the place and the key."""
    table = known_keys(raw, REPEATS, place)
    usual = Repeats()
    at_least = whole_number(table.get("at_least", usual.at_least), f"{place} at_least", 1, _MOST_RUNS)
    at_most = table.get("at_most", max(at_least, usual.at_most))
    repeats = Repeats(
        warmup=whole_number(table.get("warmup", usual.warmup), f"{place} warmup", 0, _MOST_WARMUPS),
        at_least=at_least,
        at_most=whole_number(at_most, f"{place} at_most", at_least, _MOST_RUNS),
        within_ratio=_share(table["within"], f"{place} within") if "within" in table else None,
        budget_s=_spell(table["budget"], f"{place} budget") if "budget" in table else None,
    )
    _check(repeats, place)
    return repeats


def _check(repeats: Repeats, place: str) -> None:
    """What would never make a difference is a slip."""
    if repeats.within_ratio is None and repeats.at_most > repeats.at_least:
        remedy = 'add within = "5%", or leave at_most out'
        refuse(f"{place}: at_most is over at_least, and nothing says when fewer are enough", remedy)
    if repeats.within_ratio is None and repeats.budget_s is not None:
        refuse(f"{place}: budget needs within and at_most, for at_least is always run", "add them")
    if repeats.within_ratio is not None and repeats.at_most < FEWEST_FOR_AN_INTERVAL:
        why = f"of fewer than {FEWEST_FOR_AN_INTERVAL} runs there is no interval of 99 %"
        refuse(f"{place}: within never holds with at_most = {repeats.at_most}: {why}", "raise at_most")
    if repeats.within_ratio is not None and repeats.at_most == repeats.at_least:
        refuse(f"{place}: within has no say where at_most is at_least", "raise at_most, or leave within out")


def order_of(raw: object, place: str) -> tuple[str, int]:
    """How, and the seed: 1 where none is given, so that a plan is the same each time. Raises UsageProblem."""
    table = known_keys(raw, ORDER, place)
    how = one_of(table.get("how", INTERLEAVED), f"{place} how", ORDERS)
    return how, whole_number(table.get("seed", 1), f"{place} seed", 0, 2**63 - 1)
