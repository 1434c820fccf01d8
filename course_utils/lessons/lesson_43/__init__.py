"""La cara de la lección 43: lo que importa su cuaderno."""

from course_utils.lessons.lesson_43.figures import (
    plot_blocks,
    plot_by_hour,
    plot_fan,
    plot_network,
    plot_promised,
    plot_quantile_losses,
)
from course_utils.lessons.lesson_43.own_series import require_room
from course_utils.lessons.lesson_43.problems import (
    PARTS,
    on_circle,
    prepare,
    shop_calendar,
    shop_problem,
)

__all__ = [
    "PARTS",
    "on_circle",
    "plot_blocks",
    "plot_by_hour",
    "plot_fan",
    "plot_network",
    "plot_promised",
    "plot_quantile_losses",
    "prepare",
    "require_room",
    "shop_calendar",
    "shop_problem",
]
