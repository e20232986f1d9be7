"""Write the vectors that sentence-transformers gives for a model, so that it is made ready elsewhere without torch.

    python scripts/make_references.py [MODEL …]

MODEL is a name or a folder, as for `semsearch build --model`; without one, the default model.
"""

import argparse

import numpy as np
from sentence_transformers import SentenceTransformer

from semsearch.encoders.agreement import SENTENCES, agreement_texts
from semsearch.encoders.models import DEFAULT_MODEL, open_model
from semsearch.encoders.references import FOLDER, digest, file_name


def main() -> None:
    """Encode all texts by the library's own call and write one file a model."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", default=[DEFAULT_MODEL], metavar="MODEL")
    FOLDER.mkdir(exist_ok=True)
    for name in parser.parse_args().models:
        model = open_model(name)
        library = SentenceTransformer(str(model.path), device="cpu", local_files_only=True).float()
        texts = list(agreement_texts())
        passages, queries = (
            library.encode(list(read), prompt=prompt, normalize_embeddings=True).astype(np.float32)
            for read, prompt in ((texts, model.passage_prefix), (SENTENCES, model.query_prefix))
        )
        texts_digest = np.frombuffer(digest(texts), dtype=np.uint8)
        path = FOLDER / file_name(model)
        np.savez_compressed(path, texts=texts_digest, passages=passages, queries=queries)
        print(f"{path.relative_to(FOLDER.parent.parent.parent)}: {model.name}, {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
