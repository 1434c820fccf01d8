"""Lo que costó cada lección la última vez que se ejecutó su solución.

Consta en la propia solución, que se confirma en git: sirve para empezar por las más largas y para
repartirlas, también en una máquina recién preparada. Solo usa la biblioteca estándar.
"""

from __future__ import annotations

import json
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def stored_seconds(stem: str, *, root: Path = ROOT) -> float | None:
    """Segundos de procesador que costó la solución guardada; ``None`` si no constan."""
    path = root / "solutions" / f"{stem}.ipynb"
    try:
        execution = json.loads(path.read_text(encoding="utf-8"))["metadata"]["curso"]["execution"]
        return float(execution["seconds"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
