"""La línea de progreso de :func:`course_utils.training.fit`, para ``model.fit`` de Keras."""

from __future__ import annotations

import math
import signal
import threading
from typing import TYPE_CHECKING

from course_utils.training.progress import ProgressLine

if TYPE_CHECKING:
    from keras.callbacks import Callback


def keras_progress() -> Callback:
    """Una línea que dice por dónde va ``model.fit``, y un botón de parar que no pierde nada.

    La línea solo se enseña si alguien la mira, y al acabar se borra. Si interrumpes, ``fit`` acaba
    el lote, mide la época con lo que lleve y devuelve el historial como si hubiera terminado: el
    modelo conserva lo aprendido. Si interrumpes otra vez, se corta sin más.

    Returns
    -------
    keras.callbacks.Callback
        Para la lista ``callbacks`` de ``model.fit(..., verbose=0)``.

    Examples
    --------
    >>> model.fit(x, y, epochs=20, verbose=0, callbacks=[keras_progress()])  # doctest: +SKIP
    """
    import keras

    class Progress(keras.callbacks.Callback):
        def on_train_begin(self, logs: dict | None = None) -> None:
            self.line, self.epoch, self.previous = None, 1, None
            if threading.current_thread() is threading.main_thread():  # los demás no lo oyen
                self.previous = signal.signal(signal.SIGINT, self._stop)

        def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
            self.epoch = epoch + 1

        def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
            steps = self.params["steps"]
            if steps is None:  # en la primera época, Keras no siempre sabe cuántos lotes hay
                return
            if self.line is None:
                epochs, done = self.params["epochs"], self.epoch - 1
                self.line = ProgressLine(True, epochs=epochs, steps=steps, done=done)
            done = min(batch + 1, steps)  # con steps_per_execution, Keras puede pasarse
            self.line.update(self.epoch, done, float((logs or {}).get("loss", math.nan)))

        def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
            if self.line is not None:
                self.line.validation = float((logs or {}).get("val_loss", math.nan))

        def on_train_end(self, logs: dict | None = None) -> None:
            self._restore()
            if self.line is not None:
                self.line.__exit__()

        def _stop(self, *_: object) -> None:
            self._restore()
            self.model.stop_training = True
            print(f"Interrumpido en la época {self.epoch}: el modelo conserva lo aprendido.")

        def _restore(self) -> None:
            if self.previous is not None:
                signal.signal(signal.SIGINT, self.previous)
                self.previous = None

    return Progress()
