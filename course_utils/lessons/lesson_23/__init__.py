"""La cara de la lección 23: lo que importa su cuaderno."""

from course_utils.lessons.lesson_23.experiment import build_model, train
from course_utils.lessons.lesson_23.figures import (
    plot_knobs,
    plot_learning,
    plot_success,
)

__all__ = [
    "build_model",
    "plot_knobs",
    "plot_learning",
    "plot_success",
    "train",
]
