"""When a lane steps back: news wakes all lanes of all Maestros, and one of them takes the job. Those that look in vain each time cost it
the processor. So who finds nothing again and again waits a moment before it looks. It does look: nobody is relied on."""

from __future__ import annotations

from typing import Final

PATIENT: Final = 2  # looks in vain that are nothing to go by
FIRST: Final = 0.002  # seconds; then twice as long each time
DOUBLINGS: Final = (
    4  # so it is 32 ms at most, which is what the first job waits when all others have died
)


class StepBack:
    """A step for each look in vain, and one less for each that found something: who is needed is soon back at once."""

    def __init__(self) -> None:
        self._steps = 0

    def looked(self, *, found: bool) -> None:
        if found:
            self._steps = max(self._steps - 1, 0)
        else:
            self._steps = min(self._steps + 1, PATIENT + DOUBLINGS)

    def reset(self) -> None:
        """There has been no news for long: what nobody told of is nobody's to take first."""
        self._steps = 0

    @property
    def seconds(self) -> float:
        """How long to wait between news and the next look."""
        if self._steps < PATIENT:
            return 0.0
        return FIRST * float(2 ** (self._steps - PATIENT))
