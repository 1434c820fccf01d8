"""La cara de la lección 24: lo que importa su cuaderno."""

from course_utils.lessons.lesson_24.experiment import (
    BATCH,
    EPOCHS,
    accuracy,
    build_model,
    choose_rates,
    measure,
    measure_logistic,
    split_digits,
)
from course_utils.lessons.lesson_24.figures import (
    plot_digit_rows,
    plot_gaps,
    plot_influence,
    plot_repeats,
    plot_skill_by_step,
)

__all__ = [
    "BATCH",
    "EPOCHS",
    "accuracy",
    "build_model",
    "choose_rates",
    "measure",
    "measure_logistic",
    "plot_digit_rows",
    "plot_gaps",
    "plot_influence",
    "plot_repeats",
    "plot_skill_by_step",
    "split_digits",
]
