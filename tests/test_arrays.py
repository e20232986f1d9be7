"""Arrays in one file are read as they were written, whatever their sizes and however many are written together."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from semsearch.engines.local import arrays
from semsearch.engines.local.arrays import read_arrays, write_arrays
from tests.examples import examples

shapes = st.lists(st.integers(0, 40), min_size=1, max_size=2).map(tuple)


@examples(40)
@given(
    written=st.lists(st.tuples(st.sampled_from(["<f2", "<i4", "|u1", "<u8", "|S5"]), shapes), min_size=1, max_size=5),
    together=st.sampled_from([1, 200, 1_000, arrays._TOGETHER_BYTES]),
    most_read=st.sampled_from([0, arrays._MOST_READ_BYTES]),
)
def test_arrays_are_read_as_they_were_written(
    tmp_path_factory: pytest.TempPathFactory,
    written: list[tuple[str, tuple[int, ...]]],
    together: int,
    most_read: int,
) -> None:
    folder = tmp_path_factory.mktemp("arrays")
    whole = {
        str(number): (np.arange(np.prod(shape, dtype=int)) % 100).astype(kind).reshape(shape)
        for number, (kind, shape) in enumerate(written)
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(arrays, "_TOGETHER_BYTES", together)
        patch.setattr(arrays, "_MOST_READ_BYTES", most_read)
        write_arrays(folder / "x.arrays", whole)
        found = read_arrays(
            folder / "x.arrays", {name: (array.dtype.str, *array.shape) for name, array in whole.items()}
        )
    for name, array in whole.items():
        np.testing.assert_array_equal(found[name], array)
    write_arrays(folder / "y.arrays", whole)
    assert (folder / "x.arrays").read_bytes() == (folder / "y.arrays").read_bytes()
