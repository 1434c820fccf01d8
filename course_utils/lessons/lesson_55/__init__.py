"""La cara del proyecto 55: lo que importa su cuaderno."""

from course_utils.lessons.lesson_55.experiment import (
    BATCH,
    LONGEST,
    bits_per_character,
    build_model,
    joint_batches,
    load_paragraphs,
    step_losses,
)
from course_utils.lessons.lesson_55.figures import (
    plot_deviations,
    plot_efficiency,
    plot_shifts,
    plot_step_parts,
    plot_two_processes,
)
from course_utils.lessons.lesson_55.grid import kill_in_the_middle, note, read_diary, read_shifts

__all__ = [
    "BATCH",
    "LONGEST",
    "bits_per_character",
    "build_model",
    "joint_batches",
    "kill_in_the_middle",
    "load_paragraphs",
    "note",
    "plot_deviations",
    "plot_efficiency",
    "plot_shifts",
    "plot_step_parts",
    "plot_two_processes",
    "read_diary",
    "read_shifts",
    "step_losses",
]
