"""What `import semsearch` gives; what it costs is in test_processes."""

from pathlib import Path

import pytest

import semsearch


def test_the_face_is_what_all_names() -> None:
    assert semsearch.__all__ == sorted(semsearch.__all__)
    for name in semsearch.__all__:
        assert getattr(semsearch, name) is not None
    assert set(semsearch.__all__) <= set(dir(semsearch))
    with pytest.raises(AttributeError, match="nothing"):
        _ = semsearch.nothing


def test_the_package_says_that_it_is_typed() -> None:
    assert (Path(semsearch.__file__).parent / "py.typed").exists()
