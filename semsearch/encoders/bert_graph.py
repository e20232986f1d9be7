"""A model of BERT's family as a network of OpenVINO's own operators, over tensors that stay in their files."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from semsearch.encoders.bert import WORD_TABLE, Bert, CrossModel, Dense, Normalize, SentenceModel
from semsearch.encoders.runtime import INPUTS, WORDS, openvino
from semsearch.encoders.tensors import Tensor

ops: Any = openvino.opset13
Node: TypeAlias = Any  # openvino.Node

_KINDS = {"F32": openvino.Type.f32, "F16": openvino.Type.f16, "BF16": openvino.Type.bf16}
_SHORTEST = 1e-12  # length that a vector is divided by, as torch has it
_FEWEST = 1e-9  # tokens that a sum is divided by, as sentence-transformers has it


class _Shared(NamedTuple):
    """Constants that every layer uses, made once: each node adds to the time of compiling."""

    heads: Node  # the shape of values by head, before positions and heads are swapped
    swapped: Node  # the order of axes that swaps them
    joined: Node  # the shape with all heads side by side
    last: Node  # the last axis


def sentence_network(model: SentenceModel) -> Any:
    """Return the openvino.Model that gives a text's vector and, where that is a mean, what each token adds to it.

    Besides the tokens it takes each token's row of the word table, WORDS: (texts, longest, hidden).
    """
    ids, mask = _inputs(2)
    words = ops.parameter([-1, -1, model.bert.hidden], np.float32, name=WORDS)
    words.output(0).set_names({WORDS})
    tokens = _transformer(model.bert, words, ids, mask, _integers(0))
    counted = ops.unsqueeze(ops.convert(mask, "f32"), _integers(2))
    vectors = ops.concat([_pooled(tokens, counted, pooling) for pooling in model.poolings], -1)
    parts = _shares(tokens, counted)
    for stage in model.stages:
        if model.is_mean:
            parts = _parts_after(stage, parts)
        vectors = _after_stage(stage, vectors)
    if model.is_mean and any(isinstance(stage, Dense) for stage in model.stages):
        vectors = ops.reduce_sum(parts, _integers(1))  # in bfloat16 the two would be rounded apart
    outputs = [vectors, parts] if model.is_mean else [vectors]
    shortened = [_shortened(output, model.dimensions) for output in outputs]
    return openvino.Model([ops.result(output) for output in shortened], [ids, mask, words])


def pair_network(model: CrossModel) -> Any:
    """Return the openvino.Model that gives one number for two texts: (pairs, 1)."""
    ids, mask, kinds = _inputs(3)
    of_texts = ops.minimum(kinds, _integers(model.kinds - 1))  # RoBERTa knows one kind
    word_table = _constant(model.bert.tensors[WORD_TABLE])
    tokens = _transformer(model.bert, ops.gather(word_table, ids, _integers(0)), ids, mask, of_texts)
    first_tokens = ops.gather(tokens, _integers(0), _integers(1))
    numbers = _after_stage(model.out, _after_stage(model.dense, first_tokens))
    return openvino.Model([ops.result(numbers)], [ids, mask, kinds])


def _inputs(count: int) -> list[Node]:
    inputs = []
    for name in INPUTS[:count]:
        parameter = ops.parameter([-1, -1], np.int64, name=name)
        parameter.output(0).set_names({name})
        inputs.append(parameter)
    return inputs


def _transformer(bert: Bert, words: Node, ids: Node, mask: Node, kinds: Node) -> Node:
    """Return the last layer's vector of each token, (texts, longest, hidden).

    Args:
        words: each token's row of the word table, (texts, longest, hidden).
        kinds: one for all tokens, or one for each.
    """
    weights = {name: tensor for name, tensor in bert.tensors.items() if name.startswith(("embeddings.", "encoder."))}
    position_table, type_table = (
        _constant(weights[f"embeddings.{name}_embeddings.weight"]) for name in ("position", "token_type")
    )
    embedded = ops.add(words, ops.gather(type_table, kinds, _integers(0)))
    embedded = ops.add(embedded, ops.gather(position_table, _positions(bert, ids), _integers(0)))
    shared = _Shared(
        heads=_integers([0, 0, bert.heads, bert.hidden // bert.heads]),
        swapped=_integers([0, 2, 1, 3]),
        joined=_integers([0, 0, bert.hidden]),
        last=_integers([-1]),
    )
    tokens = _normalized(embedded, weights, "embeddings.LayerNorm", bert.epsilon, shared)
    is_token = ops.unsqueeze(ops.convert(mask, "boolean"), _integers([1, 2]))
    for layer in range(bert.layers):
        tokens = _layer(bert, weights, f"encoder.layer.{layer}", tokens, is_token, shared)
    return tokens


def _positions(bert: Bert, ids: Node) -> Node:
    """Return each token's row in the table of positions."""
    if bert.counts_from_padding:
        padding = _integers(bert.padding)
        counted = ops.convert(ops.not_equal(ids, padding), "i64")
        return ops.add(ops.multiply(ops.cum_sum(counted, _integers(1)), counted), padding)
    longest = ops.gather(ops.shape_of(ids), _integers(1), _integers(0))
    return ops.range(_integers(0), longest, _integers(1), "i64")


def _layer(bert: Bert, weights: Mapping[str, Tensor], name: str, tokens: Node, is_token: Node, shared: _Shared) -> Node:
    inputs = [_linear(tokens, weights, f"{name}.attention.self.{part}") for part in ("query", "key", "value")]
    queries, keys, values = (_by_head(part, shared) for part in inputs)
    attended = ops.scaled_dot_product_attention(queries, keys, values, is_token)
    joined = ops.reshape(ops.transpose(attended, shared.swapped), shared.joined, True)
    attended = ops.add(_linear(joined, weights, f"{name}.attention.output.dense"), tokens)
    tokens = _normalized(attended, weights, f"{name}.attention.output.LayerNorm", bert.epsilon, shared)
    wide = _activated(_linear(tokens, weights, f"{name}.intermediate.dense"), bert.activation)
    narrow = _linear(wide, weights, f"{name}.output.dense")
    return _normalized(ops.add(narrow, tokens), weights, f"{name}.output.LayerNorm", bert.epsilon, shared)


def _by_head(values: Node, shared: _Shared) -> Node:
    """Return (texts, longest, hidden) as (texts, heads, longest, hidden / heads)."""
    return ops.transpose(ops.reshape(values, shared.heads, True), shared.swapped)


def _activated(values: Node, activation: str) -> Node:
    match activation:
        case "gelu":
            return ops.gelu(values, "erf")
        case "gelu with tanh":
            return ops.gelu(values, "tanh")
        case "relu":
            return ops.relu(values)
        case "silu":
            return ops.swish(values)
    raise AssertionError(activation)


def _linear(values: Node, weights: Mapping[str, Tensor], name: str) -> Node:
    product = ops.matmul(values, _constant(weights[f"{name}.weight"]), False, True)
    return ops.add(product, _constant(weights[f"{name}.bias"]))


def _normalized(values: Node, weights: Mapping[str, Tensor], name: str, epsilon: float, shared: _Shared) -> Node:
    scaled = ops.mvn(values, shared.last, True, epsilon, "inside_sqrt")
    scaled = ops.multiply(scaled, _constant(weights[f"{name}.weight"]))
    return ops.add(scaled, _constant(weights[f"{name}.bias"]))


def _pooled(tokens: Node, counted: Node, pooling: str) -> Node:
    """Return one vector for each text, (texts, hidden), of its tokens', (texts, longest, hidden)."""
    match pooling:
        case "cls":
            return ops.gather(tokens, _integers(0), _integers(1))
        case "max":
            unseen = ops.multiply(ops.subtract(_number(1), counted), _number(-1e9))
            return ops.reduce_max(ops.add(ops.multiply(tokens, counted), unseen), _integers(1))
    total = ops.reduce_sum(ops.multiply(tokens, counted), _integers(1))
    count = ops.maximum(ops.reduce_sum(counted, _integers(1)), _number(_FEWEST))
    return ops.divide(total, count if pooling == "mean" else ops.sqrt(count))


def _shares(tokens: Node, counted: Node) -> Node:
    """Return what each token adds to the mean, (texts, longest + 1, hidden), with a row of zeros at the end."""
    count = ops.maximum(ops.reduce_sum(counted, _integers(1), True), _number(_FEWEST))
    shares = ops.divide(ops.multiply(tokens, counted), count)
    return ops.pad(shares, _integers([0, 0, 0]), _integers([0, 1, 0]), "constant", _number(0))


def _after_stage(stage: Dense | Normalize, vectors: Node) -> Node:
    if isinstance(stage, Normalize):
        return ops.divide(vectors, _length(vectors))
    moved = ops.matmul(vectors, _constant(stage.weight), False, True)
    if stage.bias is not None:
        moved = ops.add(moved, _constant(stage.bias))
    return ops.tanh(moved) if stage.activation == "tanh" else moved


def _parts_after(stage: Dense | Normalize, parts: Node) -> Node:
    """Return what each token adds to the text's vector after a stage; a bias belongs to no token."""
    if isinstance(stage, Normalize):
        return ops.divide(parts, _length(ops.reduce_sum(parts, _integers(1), True)))
    moved = ops.matmul(parts, _constant(stage.weight), False, True)
    if stage.bias is None:
        return moved
    rows = ops.gather(ops.shape_of(parts), _integers(1), _integers(0))
    is_last = ops.equal(ops.range(_integers(0), rows, _integers(1), "i64"), ops.subtract(rows, _integers(1)))
    only_last = ops.unsqueeze(ops.convert(is_last, "f32"), _integers([0, 2]))
    return ops.add(moved, ops.multiply(only_last, _constant(stage.bias)))


def _length(vectors: Node) -> Node:
    """Return the length of each vector; the last axis, which holds the vectors, is kept with one number."""
    squares = ops.reduce_sum(ops.multiply(vectors, vectors), _integers(-1), True)
    return ops.maximum(ops.sqrt(squares), _number(_SHORTEST))


def _shortened(values: Node, dimensions: int) -> Node:
    return ops.slice(values, _integers([0]), _integers([dimensions]), _integers([1]), _integers([-1]))


def _constant(tensor: Tensor) -> Node:
    """Return a tensor's numbers in float32; a matrix is not copied, so its mapping has to outlive the network."""
    if tensor.kind == "F16" and len(tensor.shape) == 1:  # small: a copy compiles faster than another node
        return ops.constant(tensor.octets.view(np.float16).astype(np.float32))
    mapped = openvino.Tensor(tensor.octets, openvino.Shape(tensor.shape), _KINDS[tensor.kind])
    constant = openvino.op.Constant(mapped, shared_memory=True)
    return constant if tensor.kind == "F32" else ops.convert(constant, "f32")


def _integers(values: int | Sequence[int]) -> Node:
    return ops.constant(np.array(values, dtype=np.int64))


def _number(value: float) -> Node:
    return ops.constant(np.float32(value))
