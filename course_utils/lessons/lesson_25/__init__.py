"""La cara de la lección 25: lo que importa su cuaderno."""

from course_utils.lessons.lesson_25.classic import fit_ets
from course_utils.lessons.lesson_25.figures import (
    plot_errors,
    plot_forecasts,
    plot_split,
)

__all__ = [
    "fit_ets",
    "plot_errors",
    "plot_forecasts",
    "plot_split",
]
