"""Lo que devuelve cada comparación, y cómo se dice en palabras."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count

from course_utils.validation import as_int


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """Una cantidad medida con pocas repeticiones y el intervalo en que puede estar.

    Attributes
    ----------
    value : float
        Lo medido.
    low, high : float
        Extremos del intervalo.
    level : float
        Si todo se repitiera, la parte de los intervalos que contendría el valor verdadero.
    n : int
        Cuántas parejas, pasos o intentos; con dos grupos sin parejas, los del menor.
    sample : str
        La muestra en palabras, como ``20 parejas``.
    method : str
        Cómo se ha calculado el intervalo.
    """

    value: float
    low: float
    high: float
    level: float
    n: int
    sample: str
    method: str

    def in_words(self, unit: str = "", *, decimals: int = 1, scale: float = 1) -> str:
        """El valor, su intervalo y su muestra, con el signo que tengan.

        Parameters
        ----------
        unit : str, optional
            La unidad, en plural.
        decimals : int, default 1
            Decimales que se escriben.
        scale : float, default 1
            Por cuánto se multiplica; 100 pasa una proporción a tanto por ciento.

        Examples
        --------
        >>> from course_utils.comparison import wilson
        >>> wilson([True] * 18 + [False] * 2).in_words("%", decimals=0, scale=100)
        '90 % (entre 70 y 97; 18 de 20)'
        """
        decimals = as_int("decimals", decimals, minimum=0)
        value, low, high = (_write(scale * x, decimals) for x in (self.value, self.low, self.high))
        return f"{_join(value, unit)} (entre {low} y {high}; {self.sample})"


@dataclass(frozen=True, kw_only=True)
class Comparison(Estimate):
    """La diferencia entre dos modelos, el primero menos el segundo.

    Attributes
    ----------
    p_value : float or None
        Si fueran iguales, con qué probabilidad el azar daría una diferencia así o mayor; None si
        el método no lo calcula.
    """

    p_value: float | None = None

    @property
    def is_clear(self) -> bool:
        """Si el intervalo deja fuera el cero: entonces se sabe cuál de los dos es mayor."""
        return self.low > 0 or self.high < 0

    def verdict(
        self,
        unit: str = "",
        *,
        decimals: int = 1,
        scale: float = 1,
        words: tuple[str, str] = ("más", "menos"),
    ) -> str:
        """Lo que se puede decir del primero frente al segundo.

        Si la diferencia es clara y con esos decimales algún extremo se quedaría en cero, o
        hubiera que escribir «1 puntos», se escribe alguno más.

        Parameters
        ----------
        unit : str, optional
            La unidad, en plural.
        decimals : int, default 1
            Decimales que se escriben.
        scale : float, default 1
            Por cuánto se multiplica; 100 pasa una proporción a puntos porcentuales.
        words : tuple of str, default ("más", "menos")
            Qué se dice si el primero es mayor y si es menor.

        Examples
        --------
        >>> from course_utils.comparison import paired
        >>> gru, lstm = [7.1, 6.8, 7.4, 6.9, 7.2, 7.0], [7.9, 7.3, 8.5, 7.6, 8.2, 7.5]
        >>> paired(gru, lstm).verdict("puntos")
        '0.8 puntos menos (entre 0.5 y 1.0; 6 parejas)'
        >>> paired(gru, lstm[::-1]).verdict("puntos", decimals=2, words=("mayor", "menor"))
        '0.77 puntos menor (entre 0.10 y 1.43; 6 parejas)'
        >>> paired(gru, gru[::-1]).verdict("puntos")
        'no hay diferencia clara (entre −0.4 y 0.4 puntos; 6 parejas)'
        >>> paired(gru, gru).verdict("puntos")
        'no hay ninguna diferencia (6 parejas)'
        """
        decimals = as_int("decimals", decimals, minimum=0)
        value, low, high = (scale * x for x in (self.value, self.low, self.high))
        if not self.is_clear:
            if low == high:
                return f"no hay ninguna diferencia ({self.sample})"
            high = _join(_write(high, decimals), unit)
            return (
                f"no hay diferencia clara (entre {_write(low, decimals)} y {high}; {self.sample})"
            )
        size, near, far = abs(value), *sorted((abs(low), abs(high)))
        decimals = next(
            more
            for more in count(decimals)
            if float(_write(near, more)) > 0 and _write(size, more) != "1"
        )
        gap = _join(_write(size, decimals), unit, words[0] if value > 0 else words[1])
        if near == far:
            return f"siempre {gap} ({self.sample})"
        return f"{gap} (entre {_write(near, decimals)} y {_write(far, decimals)}; {self.sample})"


def _write(value: float, decimals: int) -> str:
    """Un número con el signo menos de imprenta y sin «menos cero»."""
    return f"{value:z.{decimals}f}".replace("-", "−")


def _join(*words: str) -> str:
    return " ".join(word for word in words if word)
