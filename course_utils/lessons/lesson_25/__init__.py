"""La cara de la lección 25: lo que importa su cuaderno."""

from course_utils.lessons.lesson_25.figures import (
    plot_errors,
    plot_forecasts,
    plot_split,
)

__all__ = [
    "plot_errors",
    "plot_forecasts",
    "plot_split",
]
