"""La cara de la lección 32: lo que importa su cuaderno."""

from course_utils.lessons.lesson_32.experiment import (
    NETWORKS,
    SHUFFLED,
    build_classifier,
    encode_texts,
    encoded_puzzles,
    encoded_reviews,
    hits_matrix,
    is_blind,
    log_loss,
    train_classifier,
)
from course_utils.lessons.lesson_32.figures import (
    plot_classifier,
    plot_hits,
    plot_learning_curves,
    plot_reliability,
    plot_word_effects,
)
from course_utils.lessons.lesson_32.imdb import train_best

__all__ = [
    "NETWORKS",
    "SHUFFLED",
    "build_classifier",
    "encode_texts",
    "encoded_puzzles",
    "encoded_reviews",
    "hits_matrix",
    "is_blind",
    "log_loss",
    "plot_classifier",
    "plot_hits",
    "plot_learning_curves",
    "plot_reliability",
    "plot_word_effects",
    "train_best",
    "train_classifier",
]
