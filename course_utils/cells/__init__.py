"""Celdas recurrentes en NumPy, hacia delante y hacia atrás, escritas para leerse.

Son la referencia a la que llegan las lecciones: :mod:`~course_utils.cells.rnn` (lección 13),
:mod:`~course_utils.cells.lstm` (21) y :mod:`~course_utils.cells.gru` (22). Las filas son ejemplos y
los pesos multiplican por la derecha: ``x_t`` es (lote, entrada) y ``W_x``, (entrada, oculto).

Cada ``*_forward`` recorre un lote de secuencias y devuelve lo que ha calculado; cada ``*_backward``
lo recorre al revés y devuelve los gradientes. La precisión es la de la entrada. Con una máscara, un
paso enmascarado deja el estado como estaba.
"""

from course_utils.cells.common import sigmoid
from course_utils.cells.gradients import cosine, global_norm, jacobian_norms
from course_utils.cells.gru import (
    GRUGradients,
    GRURun,
    GRUWeights,
    gru_backward,
    gru_forward,
    gru_step,
    init_gru,
)
from course_utils.cells.lstm import (
    LSTMGradients,
    LSTMRun,
    LSTMWeights,
    init_lstm,
    lstm_backward,
    lstm_forward,
    lstm_step,
)
from course_utils.cells.rnn import (
    RNNGradients,
    RNNRun,
    RNNWeights,
    init_rnn,
    rnn_backward,
    rnn_forward,
    rnn_step,
)

__all__ = [
    "GRUGradients",
    "GRURun",
    "GRUWeights",
    "LSTMGradients",
    "LSTMRun",
    "LSTMWeights",
    "RNNGradients",
    "RNNRun",
    "RNNWeights",
    "cosine",
    "global_norm",
    "gru_backward",
    "gru_forward",
    "gru_step",
    "init_gru",
    "init_lstm",
    "init_rnn",
    "jacobian_norms",
    "lstm_backward",
    "lstm_forward",
    "lstm_step",
    "rnn_backward",
    "rnn_forward",
    "rnn_step",
    "sigmoid",
]
