"""Lo que se hace una vez, antes de medir serie a serie: lo que se aprende de todas a la vez."""

from __future__ import annotations

import hashlib
import io
import json
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from course_utils.forecasting import FromWindows
from course_utils.forecasting.network import fit_network
from course_utils.forecasting.regression import fit_shared
from tools.experiments.fingerprint import experiment_fingerprint
from tools.files import replace_files
from tools.forecast_folder.measure import save_work
from tools.forecast_folder.reading import Series, Settings

HOURS = 24
SEED = 0


class Group(NamedTuple):
    """Las series que comparten ciclos y horizonte, y por tanto regresión y red.

    Attributes
    ----------
    cycles : tuple of int
    horizon : int
    places : list of int
        Qué lugar ocupan entre todas.
    """

    cycles: tuple[int, ...]
    horizon: int
    places: list[int]

    @property
    def name(self) -> str:
        """Su nombre en el archivo de trabajo."""
        return f"{self.cycles} a {self.horizon}"

    @property
    def width(self) -> int:
        """Cuántos valores miran sus modelos: dos ciclos del más largo, o más si son cortos."""
        period = self.cycles[0]
        return max(2 * self.cycles[-1], period * -(-8 // period))


def prepare(
    series: Sequence[Series], settings: Settings, out: Path, *, weekly: bool, updates: int
) -> Path:
    """El archivo de trabajo, en una carpeta que solo vale para estas series y estas opciones.

    Si ya está, no se hace otra vez.

    Parameters
    ----------
    series : sequence of Series
        Las que se van a medir.
    settings : Settings
        Lo que se pide.
    out : Path
        La carpeta de salida.
    weekly : bool
        Si se busca el ciclo de la semana en las series de horas o de menos.
    updates : int
        Actualizaciones de la red; 0, sin ella.

    Returns
    -------
    Path
    """
    groups = _groups(series, settings, weekly)
    about: list[dict] = [{} for _ in series]
    for group in groups:
        for place in group.places:
            about[place] = {
                "name": series[place].name,
                "period": group.cycles[0],
                "horizon": group.horizon,
                "cycles": group.cycles,
                "group": group.name,
                "origins": settings.origins,
                "validations": settings.validations,
                "network_origins": _every_origin(series[place], settings) if updates else [],
            }
    path = out / "work" / _digest(series, about, updates) / "work.npz"
    if not path.is_file():
        shared = {}
        for group in groups:
            shared |= _fit_group(group, series, settings, updates)
        for place, one in enumerate(about):
            if f"network:{place}" not in shared:
                one["network_origins"] = []
        content = io.BytesIO()
        save_work(content, [one.values for one in series], about, shared)
        replace_files({path: content.getvalue()})
    return path


def _groups(series: Sequence[Series], settings: Settings, weekly: bool) -> list[Group]:
    places = defaultdict(list)
    for place, one in enumerate(series):
        week = 7 * one.period
        by_hours = one.period >= HOURS and one.period % HOURS == 0
        fits = settings.first_origin(len(one.values), one.horizon) >= 3 * week
        cycles = (one.period, week) if weekly and by_hours and fits else (one.period,)
        places[cycles, one.horizon].append(place)
    return [Group(cycles, horizon, found) for (cycles, horizon), found in places.items()]


def _fit_group(
    group: Group, series: Sequence[Series], settings: Settings, updates: int
) -> dict[str, np.ndarray]:
    """La regresión de cada fase, con lo que se conocía en ella, y lo que dice la red."""
    own = [series[place] for place in group.places]
    firsts = [settings.first_origin(len(one.values), group.horizon) for one in own]
    tests = [len(one.values) - settings.origins * group.horizon for one in own]
    needed = group.width + group.horizon
    found = {}
    for phase, ends in (("validation", firsts), ("test", tests)):
        known = [one.values[:end] for one, end in zip(own, ends, strict=True)]
        if max(map(len, known)) >= needed:
            found[f"{phase}:{group.name}"] = fit_shared(
                known, width=group.width, horizon=group.horizon
            )
    if not updates or max(firsts) < needed:
        return found
    predict = fit_network(
        [one.values[:first] for one, first in zip(own, firsts, strict=True)],
        period=group.cycles[0],
        width=group.width,
        horizon=group.horizon,
        seed=SEED,
        updates=updates,
    )
    for place, one, first in zip(group.places, own, firsts, strict=True):
        if first >= group.width:
            network = FromWindows(predict=predict, width=group.width, trained_until=first)
            origins = _every_origin(one, settings)
            found[f"network:{place}"] = network.at(one.values, origins, group.horizon)
    return found


def _every_origin(one: Series, settings: Settings) -> list[int]:
    """Los orígenes de validación y de prueba de una serie."""
    return [*settings.validation_origins(one), *settings.test_origins(one)]


def _digest(series: Sequence[Series], about: Sequence[dict], updates: int) -> str:
    """Lo que distingue este trabajo de otro: las series, las opciones y el código que aprende."""
    code = [experiment_fingerprint(function) for function in (fit_shared, fit_network)]
    digest = hashlib.sha256(json.dumps([about, updates, code]).encode())
    for one in series:
        digest.update(np.ascontiguousarray(one.values).tobytes())
    return digest.hexdigest()[:16]
