"""La cara de la lección 22: lo que importa su cuaderno."""

from course_utils.lessons.lesson_22.figures import (
    plot_gru_cell,
    plot_interpolation,
    plot_port_errors,
    plot_step_times,
    plot_zero_lines,
)

__all__ = [
    "plot_gru_cell",
    "plot_interpolation",
    "plot_port_errors",
    "plot_step_times",
    "plot_zero_lines",
]
