"""What a case should take by the stop-and-wait model, and what the model says would help."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Help:
    """A change, and what it would bring.

    Attributes:
        change: in words.
        duration_s: that the model gives with it.
    """

    change: str
    duration_s: float


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """instances x (round trips + bits / rate + server), one object outstanding (PS3.7 D.3.3.3).

    Attributes:
        duration_s: of the whole; None for a link that carries nothing.
        instances: on the busiest association.
        round_trip_s: what an instance waits for the path, by congestion control 1 or 1.5 round trips.
        bits_s: what its bits take at the rate.
        server_s: what an instance takes without a network, fitted from the unshaped run.
        helps: changes that would shorten it, the most effective first.
    """

    duration_s: float | None
    instances: int
    round_trip_s: float
    bits_s: float
    server_s: float
    helps: list[Help]
