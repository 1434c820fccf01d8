"""Repartir el trabajo entre procesos: los que entrenan como uno y los que miden cada uno lo suyo.

- :func:`torchrun` lanza una función en varios procesos de PyTorch que se hablan con ``gloo``, y
  espera a que acaben todos. Es ``launch.py``; lo que ejecuta cada uno, ``rank.py``.
- :func:`local_cluster` levanta en esta máquina un clúster de Dask, cada trabajador en un proceso
  aparte (``cluster.py``).
- ``leash.py`` es la correa: ninguno sobrevive a quien lo lanzó ni a su límite de tiempo.
- ``memory.py`` mide lo que ocupan todos sin contar dos veces lo que comparten.
- ``arithmetic.py`` son las cuentas de muchas máquinas.

PyTorch y Dask nunca a la vez: cada bloque acaba antes de que empiece el otro.
"""

from course_utils.scaling.arithmetic import (
    checkpoint_interval,
    expected_slowest,
    hours_between_failures,
    lost_to_failures,
    ring_seconds,
)
from course_utils.scaling.cluster import LocalCluster, has_dask, local_cluster
from course_utils.scaling.launch import LaunchError, Run, torchrun
from course_utils.scaling.memory import Memory, family_memory

__all__ = [
    "LaunchError",
    "LocalCluster",
    "Memory",
    "Run",
    "checkpoint_interval",
    "expected_slowest",
    "family_memory",
    "has_dask",
    "hours_between_failures",
    "local_cluster",
    "lost_to_failures",
    "ring_seconds",
    "torchrun",
]
