"""La cara de la lección 11: lo que importa su cuaderno."""

from course_utils.lessons.lesson_11.figures import (
    plot_horizons,
    plot_leak,
    plot_series,
    plot_windows,
)

__all__ = [
    "plot_horizons",
    "plot_leak",
    "plot_series",
    "plot_windows",
]
