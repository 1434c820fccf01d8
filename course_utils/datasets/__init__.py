"""Los datos del curso: una función ``load_*`` por conjunto, verificado en cada lectura.

Los que vienen con el curso se leen de ``datasets/`` (en un paquete instalado, de ``_datasets/``).
Los demás son opcionales: ``load_imdb``, ``load_mnist``, ``load_sentence_pairs`` y
``load_spoken_digits`` los descargan la primera vez. Todos están en ``registry.toml``, con su
sha256, su licencia y su procedencia; las fichas completas, en ``datasets/README.md``.
``load_result`` lee lo que midió un experimento largo;
``load_trained``, un modelo entrenado, y ``load_own_series``, una serie tuya.

Cada llamada lee de nuevo y devuelve arrays propios, que puedes modificar sin afectar a nadie.
"""

from course_utils.datasets.bundled import DatasetError, data_dir, registry
from course_utils.datasets.fetched import TrainTest, fetch
from course_utils.datasets.images import Digits, load_digits, load_mnist
from course_utils.datasets.models import (
    TrainedModel,
    Weights,
    load_trained,
    read_weights,
    write_weights,
)
from course_utils.datasets.own import load_own_series
from course_utils.datasets.results import Result, load_result
from course_utils.datasets.sentences import SentencePairs, load_sentence_pairs
from course_utils.datasets.series import Series, load_co2, load_elnino, load_sales, load_sunspots
from course_utils.datasets.spoken import SpokenDigits, load_spoken_digits
from course_utils.datasets.texts import SPLITS, Reviews, load_imdb, load_reviews, load_stories
from course_utils.datasets.utterances import (
    UTTERANCE_PARTS,
    Sound,
    Utterances,
    load_sounds,
    load_utterances,
)
from course_utils.datasets.verification import verify_all
from course_utils.datasets.weather import AIRPORTS, Weather, load_weather

__all__ = [
    "AIRPORTS",
    "SPLITS",
    "UTTERANCE_PARTS",
    "DatasetError",
    "Digits",
    "Result",
    "Reviews",
    "SentencePairs",
    "Series",
    "Sound",
    "SpokenDigits",
    "TrainTest",
    "TrainedModel",
    "Utterances",
    "Weather",
    "Weights",
    "data_dir",
    "fetch",
    "load_co2",
    "load_digits",
    "load_elnino",
    "load_imdb",
    "load_mnist",
    "load_own_series",
    "load_result",
    "load_reviews",
    "load_sales",
    "load_sentence_pairs",
    "load_sounds",
    "load_spoken_digits",
    "load_stories",
    "load_sunspots",
    "load_trained",
    "load_utterances",
    "load_weather",
    "read_weights",
    "registry",
    "verify_all",
    "write_weights",
]
