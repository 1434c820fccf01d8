"""La cara de la lección 21: lo que importa su cuaderno."""

from course_utils.lessons.lesson_21.experiment import LEARNED, memory_task, train_loud
from course_utils.lessons.lesson_21.figures import (
    plot_error_by_span,
    plot_gates,
    plot_memories,
)

__all__ = [
    "LEARNED",
    "memory_task",
    "plot_error_by_span",
    "plot_gates",
    "plot_memories",
    "train_loud",
]
