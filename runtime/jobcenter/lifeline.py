"""A child process that must not outlive its parent, however the parent ends.

The parent holds one end of a pipe and the child waits for its end-of-file, which the kernel sends even when the parent
is killed. The child then ends itself as by SIGTERM; should that take too long, at once.
"""

from __future__ import annotations

import os
import signal
import threading
import time

VARIABLE = "JOBCENTER_LIFELINE"
GRACE = 5.0  # seconds for an orderly end


def follow() -> None:
    """In the child: from now on it ends with its parent, if the parent gave it a lifeline."""
    # Taken out of the environment: grandchildren have no such descriptor.
    descriptor = os.environ.pop(VARIABLE, None)
    if descriptor is not None:
        os.set_inheritable(int(descriptor), False)
        threading.Thread(target=_await_end, args=(int(descriptor),), daemon=True).start()


def _await_end(descriptor: int) -> None:
    os.read(descriptor, 1)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE)
    os._exit(1)
