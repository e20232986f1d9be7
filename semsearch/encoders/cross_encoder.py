"""A compiled cross-encoder of BERT's family: it reads a query and a passage together and gives one number."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np

from semsearch.encoders.batches import batches
from semsearch.encoders.bert import UnknownModelError, read_cross_model
from semsearch.encoders.bert_tokenizers import read_tokenizer, tells_texts_apart
from semsearch.errors import EncoderError
from semsearch.threads import threads

BATCH_TOKENS = 1024
"""Padding included."""


class CrossEncoder:
    """Scores passages for a query, in float32; safe between threads."""

    def __init__(self, folder: Path) -> None:
        """Open a cross-encoder's folder in a process that can compile.

        Raises:
            EncoderError: it is not a cross-encoder of BERT's family, or cannot be run here.
        """
        self.name = folder.name
        try:
            model = read_cross_model(folder)
            self._tokenizer, self._padding = read_tokenizer(model.bert)
            self._tells_apart = tells_texts_apart(model.bert)
        except (UnknownModelError, OSError) as error:
            raise EncoderError(
                f"{folder} is no cross-encoder that can be run here: {error}",
                "name the folder of a BERT, RoBERTa or XLM-RoBERTa model for sequence classification with one label, "
                "with model.safetensors and tokenizer.json",
            ) from error
        try:
            from semsearch.encoders import runtime
            from semsearch.encoders.bert_graph import pair_network
        except ImportError as error:
            raise EncoderError(f"OpenVINO cannot be used here ({error})", "search without --rerank") from error
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(model.max_tokens)
        network = partial(pair_network, model)
        self._network = runtime.CompiledNetwork(
            network, runtime.VECTORS, folder=folder, bfloat16=False, threads=threads()
        )

    def scores(self, query: str, passages: Sequence[str]) -> list[float]:
        """Return the model's own number for each passage, before any sigmoid; long texts are cut off at the end."""
        encodings = self._tokenizer.encode_batch([(query, passage) for passage in passages])
        row_batches = batches([len(encoding) for encoding in encodings], BATCH_TOKENS)
        inputs = []
        for rows in row_batches:
            longest = len(encodings[rows[0]])
            ids = np.full((len(rows), longest), self._padding, dtype=np.int64)
            mask, kinds = np.zeros_like(ids), np.zeros_like(ids)
            for row, encoding in enumerate(encodings[number] for number in rows):
                ids[row, : len(encoding)] = encoding.ids
                kinds[row, : len(encoding)] = encoding.type_ids if self._tells_apart else 0
                mask[row, : len(encoding)] = 1
            inputs.append({"input_ids": ids, "attention_mask": mask, "token_type_ids": kinds})
        values = np.zeros(len(passages))
        for rows, output in zip(row_batches, self._network.run(inputs), strict=True):
            values[rows] = output[:, 0]
        if not np.isfinite(values).all():
            raise EncoderError(
                f"the cross-encoder {self.name} answers with what is not a number", "search without --rerank"
            )
        return [float(value) for value in values]
