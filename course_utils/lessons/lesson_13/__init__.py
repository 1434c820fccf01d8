"""La cara de la lección 13: lo que importa su cuaderno."""

from course_utils.lessons.lesson_13.experiment import echo_task, train_echo
from course_utils.lessons.lesson_13.figures import (
    plot_chain,
    plot_extrapolation,
    plot_losses,
    plot_parts,
    plot_rates,
    plot_step_errors,
    plot_tangent,
    plot_truncation,
)

__all__ = [
    "echo_task",
    "plot_chain",
    "plot_extrapolation",
    "plot_losses",
    "plot_parts",
    "plot_rates",
    "plot_step_errors",
    "plot_tangent",
    "plot_truncation",
    "train_echo",
]
