"""La cara de la lección 14: lo que importa su cuaderno."""

from course_utils.lessons.lesson_14.experiment import (
    LEARNED,
    WAYS,
    Way,
    draw_marks,
    draw_networks,
    gradients,
    train,
    train_way,
)
from course_utils.lessons.lesson_14.figures import (
    plot_accuracy_by_distance,
    plot_ellipses,
    plot_orbits,
    plot_starts,
    plot_success,
    plot_tail,
    plot_transient,
    rounded,
)

__all__ = [
    "LEARNED",
    "WAYS",
    "Way",
    "draw_marks",
    "draw_networks",
    "gradients",
    "plot_accuracy_by_distance",
    "plot_ellipses",
    "plot_orbits",
    "plot_starts",
    "plot_success",
    "plot_tail",
    "plot_transient",
    "rounded",
    "train",
    "train_way",
]
