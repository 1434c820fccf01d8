"""La cara de la lección 41: lo que importa su cuaderno."""

from course_utils.lessons.lesson_41.experiment import (
    build,
    five_series,
    smoothed_ahead,
    train,
)
from course_utils.lessons.lesson_41.figures import (
    plot_beyond,
    plot_forecaster,
    plot_late,
    plot_mean_ranks,
    plot_measures,
    plot_rank_grid,
    plot_ratios,
)

__all__ = [
    "build",
    "five_series",
    "plot_beyond",
    "plot_forecaster",
    "plot_late",
    "plot_mean_ranks",
    "plot_measures",
    "plot_rank_grid",
    "plot_ratios",
    "smoothed_ahead",
    "train",
]
