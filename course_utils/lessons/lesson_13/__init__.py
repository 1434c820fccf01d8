"""La cara de la lección 13: lo que importa su cuaderno."""

from course_utils.lessons.lesson_13.figures import (
    plot_chain,
    plot_extrapolation,
    plot_losses,
    plot_step_errors,
    plot_tangent,
    plot_truncation,
)

__all__ = [
    "plot_chain",
    "plot_extrapolation",
    "plot_losses",
    "plot_step_errors",
    "plot_tangent",
    "plot_truncation",
]
