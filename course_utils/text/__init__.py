"""De texto a números sin perder nada: normalizar, partir y numerar.

Lo enseña la lección 31.
"""

from course_utils.text.bpe import apply_merges, learn_bpe, merge_pair
from course_utils.text.normal import nfc
from course_utils.text.tokenizers import (
    Tokenizer,
    bpe_from_merges,
    bpe_tokenizer,
    char_tokenizer,
    chunks,
    pieces,
    word_tokenizer,
    words,
)
from course_utils.text.vocabulary import (
    END,
    PAD,
    SPECIALS,
    START,
    UNKNOWN,
    Vocabulary,
    build_vocabulary,
)

__all__ = [
    "END",
    "PAD",
    "SPECIALS",
    "START",
    "UNKNOWN",
    "Tokenizer",
    "Vocabulary",
    "apply_merges",
    "bpe_from_merges",
    "bpe_tokenizer",
    "build_vocabulary",
    "char_tokenizer",
    "chunks",
    "learn_bpe",
    "merge_pair",
    "nfc",
    "pieces",
    "word_tokenizer",
    "words",
]
