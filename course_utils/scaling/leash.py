"""La correa: un proceso que acaba cuando muere quien lo lanzó o cuando se cumple su límite.

Quien lanza deja abierto el otro extremo de la entrada estándar. Si cierra, muere o lo matan, el
sistema la cierra por él, y quien lleva la correa se entera y acaba: no hace falta que nadie se
acuerde de pararlo. Vale en cualquier sistema y la heredan los procesos que él lance.

``python -m course_utils.scaling.leash 60 un.modulo --opciones`` ejecuta un módulo con correa.
"""

from __future__ import annotations

import faulthandler
import os
import runpy
import sys
import threading

ORPHAN = 75  # el código de salida de quien acaba porque ha muerto quien lo lanzó


def hold(seconds: float) -> None:
    """Ata este proceso: no sobrevive a quien lo lanzó ni pasa de ``seconds`` de reloj.

    Parameters
    ----------
    seconds : float
        Con los que se da por colgado; al cumplirse, escribe en qué estaba cada hilo.
    """
    faulthandler.dump_traceback_later(seconds, exit=True)
    threading.Thread(target=_follow, daemon=True).start()


def _follow() -> None:
    # os.read y no sys.stdin: un hilo parado en sys.stdin aborta el intérprete al acabar.
    while os.read(0, 1):
        pass
    os._exit(ORPHAN)


def main() -> None:
    """Ejecuta el módulo que nombran los argumentos, con correa."""
    seconds, module, *arguments = sys.argv[1:]
    hold(float(seconds))
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
