"""La cara del proyecto 54: lo que importa su cuaderno."""

from course_utils.lessons.lesson_54.experiment import (
    CURVE,
    choose_utterances,
    choose_voices,
)
from course_utils.lessons.lesson_54.figures import (
    plot_error_rows,
    plot_listener,
    plot_paths,
    plot_spectrogram,
    plot_spikes,
    plot_voice_curve,
)
from course_utils.lessons.lesson_54.playing import play
from course_utils.lessons.lesson_54.recipe import (
    Recipe,
    Recognizer,
    encode,
    fit_recognizer,
    hear,
    train_recognizer,
)
from course_utils.lessons.lesson_54.resume import recall_or_train

__all__ = [
    "CURVE",
    "Recipe",
    "Recognizer",
    "choose_utterances",
    "choose_voices",
    "encode",
    "fit_recognizer",
    "hear",
    "play",
    "plot_error_rows",
    "plot_listener",
    "plot_paths",
    "plot_spectrogram",
    "plot_spikes",
    "plot_voice_curve",
    "recall_or_train",
    "train_recognizer",
]
