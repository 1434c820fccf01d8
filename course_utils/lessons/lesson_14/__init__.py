"""La cara de la lección 14: lo que importa su cuaderno."""

from course_utils.lessons.lesson_14.figures import (
    plot_accuracy_by_distance,
    plot_starts,
    plot_transient,
)

__all__ = [
    "plot_accuracy_by_distance",
    "plot_starts",
    "plot_transient",
]
