"""What only an index in a folder can do, beyond what every engine does (`ports.Engine`).

Code that checks, repairs, packs or installs an index finds what it needs here. An engine that keeps its articles
elsewhere need not offer any of this: a cluster has its own ways.
"""

from semsearch.engines.local.manifest import (
    FORMAT,
    MANIFEST,
    SEGMENTS,
    Manifest,
    SegmentEntry,
    begun,
    from_body,
    read_manifest,
    to_body,
)
from semsearch.engines.local.merge import MOST_DELETED
from semsearch.engines.local.repair import Rebuilt, is_truth, rebuild, salvage
from semsearch.engines.local.segment import DERIVED
from semsearch.engines.local.transfer import LEFT_OUT, Export, Installation, exported, installation, needed_bytes
from semsearch.engines.local.verification import Inside, Surroundings, inspect, surroundings, verify

__all__ = [
    "DERIVED",
    "FORMAT",
    "LEFT_OUT",
    "MANIFEST",
    "MOST_DELETED",
    "SEGMENTS",
    "Export",
    "Inside",
    "Installation",
    "Manifest",
    "Rebuilt",
    "SegmentEntry",
    "Surroundings",
    "begun",
    "exported",
    "from_body",
    "inspect",
    "installation",
    "is_truth",
    "needed_bytes",
    "read_manifest",
    "rebuild",
    "salvage",
    "surroundings",
    "to_body",
    "verify",
]
