"""La cara de la lección 42: lo que importa su cuaderno."""

from course_utils.lessons.lesson_42 import traffic, weather
from course_utils.lessons.lesson_42.figures import (
    describe_strategies,
    plot_by_horizon,
    plot_by_manoeuvre,
    plot_outlook,
    plot_paths,
    plot_strategies,
)

__all__ = [
    "describe_strategies",
    "plot_by_horizon",
    "plot_by_manoeuvre",
    "plot_outlook",
    "plot_paths",
    "plot_strategies",
    "traffic",
    "weather",
]
