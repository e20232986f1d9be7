"""A real server on a free port of this machine, in a thread."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from semsearch import Index
from semsearch.ports import Encoder
from semsearch.serve.server import listening, server_of
from semsearch.serve.settings import Settings


@contextmanager
def live(place: Path, encoder: Encoder, settings: Settings = Settings()) -> Iterator[str]:  # noqa: B008  frozen
    """Serve an index, and give the address; leaving the block stops the server as a signal does."""
    settings = replace(settings, port=0)
    server = server_of(Index.open(place, encoder=encoder), settings)
    with listening(settings) as listener:
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            while not server.started:
                assert thread.is_alive()
                time.sleep(0.005)
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(20)
    assert not thread.is_alive()
