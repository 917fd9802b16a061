"""How far a running connector is: told by the runtime, asked by whoever tells its status."""

from hub import clock
from hub.connect.books import Books


class Progress:
    """Moments in microseconds since 1970, 0 where they have not been."""

    def __init__(self, last_event_at_us: int = 0) -> None:
        """Knows the last event of an earlier run where the caller does."""
        self.last_event_at_us = last_event_at_us
        self.caught_up_at_us = 0

    def confirmed(self, page: Books) -> None:
        """Kafka has confirmed a batch."""
        if page.events:
            self.last_event_at_us = clock.now_us()

    def caught_up(self) -> None:
        """Everything the source had to tell is on Kafka."""
        self.caught_up_at_us = clock.now_us()
