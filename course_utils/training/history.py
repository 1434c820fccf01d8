"""El historial de un entrenamiento, igual para PyTorch y para Keras."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from course_utils.validation import as_array, describe


@dataclass(frozen=True, eq=False, repr=False)
class History:
    """Lo que pasó en cada época, igual para PyTorch y para Keras.

    Attributes
    ----------
    values : dict of str to ndarray of shape (épocas,)
        Un valor por época, en arrays de solo lectura: ``loss``, ``val_loss`` si hay validación y
        cada métrica con y sin ``val_``. Los de :func:`fit` traen también ``grad_norm`` y
        ``grad_norm_max``. ``history["loss"]`` es ``history.values["loss"]``.
    seconds : float
        Cuánto duró, sin contar las pausas; NaN si no se sabe.

    Raises
    ------
    TypeError, ValueError
        Si los valores no son números, falta ``loss`` o no hay los mismos en todos.

    Examples
    --------
    >>> history = History({"loss": [0.9, 0.5, 0.4], "val_loss": [0.8, 0.6, 0.7]}, seconds=2.0)
    >>> history
    History(3 épocas, loss=0.4, val_loss=0.7, best_epoch=2)
    >>> history["val_loss"]
    array([0.8, 0.6, 0.7])
    """

    values: Mapping[str, np.ndarray]
    seconds: float = math.nan

    def __post_init__(self) -> None:
        if not isinstance(self.values, Mapping) or "loss" not in self.values:
            raise ValueError(
                "Un historial debe ser un diccionario de listas, con la pérdida de cada época: "
                f'{{"loss":[…]}}; ha llegado {describe(self.values)}. Pasa lo que devuelve fit().'
            )
        arrays = {
            name: as_array(name, values, ndim=1, dtype="float64", finite=False).copy()
            for name, values in self.values.items()
        }
        epochs = len(arrays["loss"])
        for name, array in arrays.items():
            if len(array) != epochs:
                raise ValueError(
                    f"Un historial debe tener un valor por época: hay {epochs} de la pérdida y "
                    f"{len(array)} de {name}. Junta solo valores de un mismo entrenamiento."
                )
            array.flags.writeable = False
        object.__setattr__(self, "values", arrays)

    def __getitem__(self, name: str) -> np.ndarray:
        if name not in self.values:
            raise KeyError(f"{name!r} no está en el historial, que tiene {', '.join(self.values)}")
        return self.values[name]

    def __repr__(self) -> str:
        last = [
            f"{name}={self[name][-1]:.4g}"
            for name in ("loss", "val_loss")
            if self.epochs and name in self.values
        ]
        parts = [count_epochs(self.epochs), *last, f"best_epoch={self.best_epoch}"]
        return f"History({', '.join(parts)})"

    @property
    def epochs(self) -> int:
        """Cuántas épocas completas hay."""
        return len(self["loss"])

    @property
    def best_epoch(self) -> int | None:
        """La época, desde 1, de menor pérdida de validación o, si no la hay, de menor pérdida.

        La primera, si hay empate; ``None`` si no hay ninguna con valor finito.
        """
        values = self.values.get("val_loss", self["loss"])
        return int(np.nanargmin(values)) + 1 if np.isfinite(values).any() else None

    @classmethod
    def from_keras(cls, history: object, *, seconds: float = math.nan) -> History:
        """El historial de ``model.fit`` de Keras, o el diccionario que lleva dentro.

        Parameters
        ----------
        history : keras.callbacks.History or mapping of str to sequence of float
            Lo que devuelve ``model.fit(...)`` o su atributo ``.history``.
        seconds : float, optional
            Cuánto duró, si se ha medido.

        Raises
        ------
        TypeError, ValueError
            Si no lo es.

        Examples
        --------
        >>> History.from_keras({"loss": [0.5, 0.25], "mae": [0.6, 0.4]}).best_epoch
        2
        """
        return cls(getattr(history, "history", history), seconds)


def count_epochs(count: int) -> str:
    """Un número de épocas, con su nombre.

    >>> count_epochs(1), count_epochs(3)
    ('1 época', '3 épocas')
    """
    return f"{count} {'época' if count == 1 else 'épocas'}"
