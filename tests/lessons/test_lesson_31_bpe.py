"""El BPE que se escribe en la lección 31 aprende las fusiones de course_utils, una a una."""

from collections import Counter, defaultdict
from itertools import pairwise
from pathlib import Path

from course_utils import text
from course_utils.datasets import load_stories

SOURCE = Path(__file__).resolve().parents[2] / "notebooks" / "source" / "31_texto_a_tensores.py"


def learn_in_the_lesson(counts, merges):
    """Lo que da la celda que define ``learn_bpe``."""
    (cell,) = [part for part in SOURCE.read_text("utf-8").split("# %%") if "def learn_bpe" in part]
    names = {
        "Counter": Counter,
        "defaultdict": defaultdict,
        "pairwise": pairwise,
        "merge_pair": text.merge_pair,
    }
    exec(cell, names)
    return names["learn_bpe"](counts, merges)


def test_the_cell_learns_the_merges_of_the_library():
    """Las de course_utils se comparan con ``tokenizers``, una a una, en test_text."""
    counts = Counter(chunk for story in load_stories() for chunk in text.chunks(story))
    assert learn_in_the_lesson(counts, 500) == text.learn_bpe(counts, 500)
