"""Entrenar con PyTorch y contar lo que pasó, con PyTorch o con Keras.

:func:`fit` es el bucle de la lección 15 con lo que se le va añadiendo en la práctica: validación,
recorte del gradiente, parada temprana y un archivo del que seguir si algo lo corta. Está en
``loop.py``; lo demás lo sostiene:

- ``history.py``: :class:`History`, un valor por época de cada cosa que se mide.
- ``checkpoint.py``: el *estado*, un diccionario con todo lo que hace falta para seguir. Se toma uno
  al acabar cada época; es el que se guarda en el archivo y al que se vuelve si la siguiente no
  llega a terminar.
- ``arguments.py``: las comprobaciones de la entrada.
- ``progress.py``: la línea que se ve mientras dura.
- ``keras_progress.py``: la misma línea para ``model.fit`` de Keras.
"""

from course_utils.training.history import History
from course_utils.training.keras_progress import keras_progress
from course_utils.training.loop import DivergenceError, fit

__all__ = ["DivergenceError", "History", "fit", "keras_progress"]
