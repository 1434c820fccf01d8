"""La cara de la lección 44: lo que importa su cuaderno."""

from course_utils.lessons.lesson_44.coastal import COASTAL_EVENTS
from course_utils.lessons.lesson_44.detectors import repeats, windows
from course_utils.lessons.lesson_44.experiment import COLUMNS
from course_utils.lessons.lesson_44.figures import (
    plot_coastal,
    plot_detector_networks,
    plot_fault_map,
    plot_faults,
    plot_levels,
    plot_noise,
    plot_scores,
)

__all__ = [
    "COASTAL_EVENTS",
    "COLUMNS",
    "plot_coastal",
    "plot_detector_networks",
    "plot_fault_map",
    "plot_faults",
    "plot_levels",
    "plot_noise",
    "plot_scores",
    "repeats",
    "windows",
]
