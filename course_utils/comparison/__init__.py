"""¿Es real la diferencia? Cuánto se diferencian dos modelos y cuánto puede poner el azar.

Cada función es para una situación:

- :func:`paired`: los dos modelos comparten cada semilla y sus datos; se mira pareja a pareja.
- :func:`welch`: las repeticiones de uno no tienen nada que ver con las del otro.
- :func:`mcnemar`: parejas en las que cada modelo acierta o falla.
- :func:`newcombe`: aciertos y fallos, sin parejas.
- :func:`crossed_bootstrap`: varias redes de cada modelo, con los mismos ejemplos de prueba.
- :func:`block_bootstrap`: dos pronósticos de los mismos días; la muestra son los días.
- :func:`diebold_mariano`: dos pronósticos al mismo plazo desde orígenes que se solapan.
- :func:`ratio_gap`: dos tasas de error (errores entre palabras) en los mismos casos.
- :func:`wilson`: un solo modelo que acierta o falla, sin rival; :func:`ratio_bootstrap`, una tasa.

La diferencia es siempre el primero menos el segundo. Que no haya una diferencia clara no quiere
decir que sean iguales: quiere decir que con esas repeticiones no se ve.
"""

from course_utils.comparison.crossed import crossed_bootstrap
from course_utils.comparison.days import block_bootstrap
from course_utils.comparison.forecasts import diebold_mariano
from course_utils.comparison.means import paired, welch
from course_utils.comparison.rates import mcnemar, newcombe, wilson
from course_utils.comparison.ratios import ratio_bootstrap, ratio_gap
from course_utils.comparison.results import Comparison, Estimate

__all__ = [
    "Comparison",
    "Estimate",
    "block_bootstrap",
    "crossed_bootstrap",
    "diebold_mariano",
    "mcnemar",
    "newcombe",
    "paired",
    "ratio_bootstrap",
    "ratio_gap",
    "welch",
    "wilson",
]
