"""Libraries that take seconds to load: loaded when a test first uses them, and not by every process that collects."""

from importlib import import_module
from typing import Any


class _Library:
    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        if attribute.startswith("_"):  # pytest looks for its own marks on all that a module has
            raise AttributeError(attribute)
        return getattr(import_module(self._name), attribute)


torch = _Library("torch")
safetensors = _Library("safetensors.torch")
transformers = _Library("transformers")
sentence_transformers = _Library("sentence_transformers")
transformer = _Library("semsearch.encoders.transformer")
