"""La cara de la lección 15: lo que importa su cuaderno."""

from course_utils.lessons.lesson_15.figures import (
    plot_epochs,
    plot_gaps,
    plot_parting,
)

__all__ = [
    "plot_epochs",
    "plot_gaps",
    "plot_parting",
]
