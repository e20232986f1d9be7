"""OpenVINO: convert a torch model, compile a network for this processor, run batches through it."""

import errno
import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from semsearch.errors import EncoderError
from semsearch.ports import Matrix

Batch = dict[str, npt.NDArray[Any]]
"""By the name of the input. Token ids and mask, each (texts, longest); the mask is 1 for a token and 0 for padding. For
a model that reads pairs also the text that each token is of: 0 or 1. For a network made of a model's tensors also each
token's row of the word table, WORDS: (texts, longest, hidden)."""

INPUTS = ("input_ids", "attention_mask", "token_type_ids")
WORDS = "words"

VECTORS, PARTS = 0, 1
"""Outputs of a network: (texts, dimensions); and, where that is a mean, what each token adds to it, with what belongs
to no token at the end: (texts, longest + 1, dimensions)."""

CONVERSION = 3
"""Version of the rules by which models are made ready. A change that moves a vector, or of what is kept, raises it."""

_IN_FLIGHT = 3
"""Batches given to the processor ahead of time, so that it never waits for Python."""

_PLACES = ("Exception from ", "Check '", "FrontEnd API failed")  # lines of an error before its reason
_TELEMETRY = "openvino_telemetry"  # sends a message to its makers whenever the library is imported
_CONVERTER = "openvino.tools.ovc"  # a third of the time of importing the library, and needed once in a model's life

_running = threading.Lock()
"""Held while batches run: a fork in between would leave the child waiting for threads that it does not have."""

_SETTLING_SECONDS = 0.05
"""How long OpenVINO's threads look for more work before they sleep and release locks that a child would need."""

_settled_at = [0.0]
"""The moment when those threads sleep, by the monotonic clock."""


def _before_fork() -> None:
    _running.acquire()
    time.sleep(max(0.0, _settled_at[0] - time.monotonic()))


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before_fork, after_in_parent=_running.release, after_in_child=_running.release)

_started_in: list[int] = []
"""The process that compiled first: OpenVINO's threads live in it, and processes forked from it cannot compile."""


def can_compile() -> bool:
    """Tell whether this process may compile: not if it was forked after its parent had compiled."""
    return not _started_in or _started_in[0] == os.getpid()


class ConversionError(Exception):
    """OpenVINO cannot take this model."""


@contextmanager
def _hidden(*names: str) -> Iterator[None]:
    """Make modules seem not to be installed while others are imported, except those that are loaded already."""
    hidden = [name for name in names if name not in sys.modules]
    for name in hidden:
        sys.modules[name] = None  # type: ignore[assignment]  # what the import system itself takes for "not there"
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


def _convert_model(*arguments: Any, **options: Any) -> Any:
    """Stand in for openvino.convert_model, which other code in this process may use."""
    with _hidden(_TELEMETRY):
        from openvino.tools import ovc
    return ovc.convert_model(*arguments, **options)


with _hidden(_TELEMETRY, _CONVERTER):
    import openvino as openvino  # under its own name, for the modules that make networks
if not hasattr(openvino, "convert_model"):
    openvino.convert_model = _convert_model

VERSION: str = openvino.__version__


def has_bfloat16() -> bool:
    """Tell whether this processor multiplies in bfloat16 natively, about twice as fast as in float32."""
    return "BF16" in openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


def convert(module: object, example: Mapping[str, object], path: Path, *, halved: bool) -> None:
    """Write a torch module in OpenVINO's own form: `path`, which ends with .xml, and a file of weights beside it.

    Args:
        module: takes the inputs in `example`, each (texts, longest), and returns VECTORS, or VECTORS and PARTS.
        halved: keep the weights in half the bytes, for a model that will run in bfloat16.

    Raises:
        ConversionError: OpenVINO cannot convert the module.
        OSError: the files cannot be written.
    """
    arguments = sys.argv
    sys.argv = arguments[:1]  # the converter would take a --verbose there for its own
    try:
        model = openvino.convert_model(module, example_input=dict(example))
    except Exception as error:  # of many kinds, and all about this model
        raise ConversionError(_reason(error)) from error
    finally:
        sys.argv = arguments
    try:
        openvino.save_model(model, path, compress_to_fp16=halved)
    except Exception as error:  # about the path, in words such as "iostream error"
        raise OSError(errno.EIO, "its files cannot be written; the disk may be full", str(path)) from error


def read_network(path: Path) -> Any:
    """Read what `convert` wrote."""
    return openvino.Core().read_model(path)


class CompiledNetwork:
    """The part of a network that one of its outputs needs, compiled for this processor.

    Threads take turns; a forked child goes on with one thread.
    """

    def __init__(self, load: Callable[[], Any], output: int, *, folder: Path, bfloat16: bool, threads: int) -> None:
        """Begin to compile in the background, in a process that can compile.

        Args:
            load: makes the network, an openvino.Model; it keeps alive what the network is made of.
            folder: of the model, for messages.
        """
        self._process = os.getpid()
        _started_in[:] = [self._process]
        self._folder = folder
        self._load = load  # holds mapped tensors, which the compiled network goes on reading
        # One stream: more are no faster on few processors, and their threads do not survive a fork.
        settings = {
            "INFERENCE_PRECISION_HINT": "bf16" if bfloat16 else "f32",
            "NUM_STREAMS": 1,
            "INFERENCE_NUM_THREADS": threads,
            "CPU_DENORMALS_OPTIMIZATION": True,  # else every weight is read: a fifth more memory
        }
        self._compiled: Future[Any] = Future()
        self._requests: list[Any] = []
        _running.acquire()  # here and not in the thread, or a fork could come first
        threading.Thread(target=self._compile, args=(load, output, settings)).start()

    def _compile(self, load: Callable[[], Any], output: int, settings: Mapping[str, object]) -> None:
        try:
            model = load()
            for unused in [result for number, result in enumerate(model.get_results()) if number != output]:
                model.remove_result(unused)
            self._compiled.set_result(openvino.Core().compile_model(model, "CPU", dict(settings)))
        except Exception as error:  # noqa: BLE001  whoever waits for the network gets it
            self._compiled.set_exception(error)
        finally:
            _settled_at[0] = time.monotonic() + _SETTLING_SECONDS
            _running.release()

    def run(self, batches: Sequence[Batch]) -> list[Matrix]:
        """Return the network's output for each batch.

        Raises:
            EncoderError: it cannot be compiled or run.
        """
        try:
            return self._run(batches)
        except RuntimeError as error:  # OpenVINO raises this for everything
            raise EncoderError(
                f"the model in {self._folder} cannot be run: {_reason(error)}",
                "choose another model; or remove what was made of this one, in a folder that `semsearch model list` "
                "shows: it is made again",
            ) from error

    def _run(self, batches: Sequence[Batch]) -> list[Matrix]:
        compiled = self._compiled.result()
        with _running:
            if os.getpid() != self._process:
                request = compiled.create_infer_request()
                return [np.array(request.infer(batch)[0]) for batch in batches]
            while len(self._requests) < min(len(batches), _IN_FLIGHT):
                self._requests.append(compiled.create_infer_request())
            waiting: deque[Any] = deque()
            outputs: list[Matrix] = []
            try:
                for batch, request in zip(batches, cycle(self._requests), strict=False):
                    if len(waiting) == _IN_FLIGHT:
                        outputs.append(_output_of(waiting.popleft()))
                    request.start_async(batch)
                    waiting.append(request)
            finally:  # also when interrupted: a request that still runs could not be used again
                outputs += map(_output_of, waiting)
                _settled_at[0] = time.monotonic() + _SETTLING_SECONDS
            return outputs


def _reason(error: Exception) -> str:
    """Return the first line of an error that says more than a place in OpenVINO's sources."""
    lines = str(error).strip().splitlines()
    return next((line for line in lines if not line.startswith(_PLACES)), type(error).__name__)


def _output_of(request: Any) -> Matrix:
    request.wait()
    return np.array(request.get_output_tensor(0).data, dtype=np.float32)
