"""La cara de la lección 31: lo que importa su cuaderno."""

from course_utils.lessons.lesson_31.classes import CLASSES
from course_utils.lessons.lesson_31.figures import (
    plot_families,
    plot_growth,
    plot_maps,
    plot_neighbour_shares,
    plot_skipgram,
    plot_text_to_tensor,
)
from course_utils.lessons.lesson_31.vectors import (
    build_skipgram,
    chance_share,
    classed_words,
    island_gaps,
    kept_neighbours,
    nearest,
    neighbour_share,
    train_skipgram,
    unit,
)

__all__ = [
    "CLASSES",
    "build_skipgram",
    "chance_share",
    "classed_words",
    "island_gaps",
    "kept_neighbours",
    "nearest",
    "neighbour_share",
    "plot_families",
    "plot_growth",
    "plot_maps",
    "plot_neighbour_shares",
    "plot_skipgram",
    "plot_text_to_tensor",
    "train_skipgram",
    "unit",
]
