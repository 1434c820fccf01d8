"""Los experimentos de la lección 44 que no caben en ella: seis sensores y muchas redes."""

from __future__ import annotations

import numpy as np

from course_utils.lessons.lesson_44.detectors import (
    CALIBRATION_DAYS,
    KNOWN,
    PER_DAY,
    REPEATED,
    TRAIN_DAYS,
    UNSEEN,
    forecast_scores,
    forest,
    lags,
    make_case,
    network_scores,
    plain_scores,
    reconstruction_scores,
    spread_out,
)
from course_utils.lessons.lesson_44.scoring import (
    best_adjusted_f1,
    false_calls,
    first_alarms,
    robust_spread,
)
from course_utils.synthetic import Sensor, sensor

# El nombre de cada clase de fallo en las columnas de las tablas.
COLUMNS = {
    "pico": "spike",
    "escalón": "level",
    "deriva": "drift",
    "atascado": "stuck",
    "cambio de ritmo": "rhythm",
    "fuera de hora": "hour",
}
QUIET = PER_DAY // 4  # tras un aviso, seis horas sin volver a avisar
MULTIPLES = (2.0, 2.5, 3.0, 3.5, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0, 13.0, 17.0)


def areas(scores: np.ndarray, case: Sensor) -> dict[str, float]:
    """Área de precisión y exhaustividad en la prueba: de todos los fallos y de cada clase.

    La de una clase no cuenta las medidas de las demás.
    """
    from sklearn.metrics import average_precision_score

    kinds, seen = case.truth.kinds[UNSEEN:], scores[UNSEEN:]
    found = {"area": average_precision_score(kinds != "", seen)}
    for kind, column in COLUMNS.items():
        apart = (kinds == "") | (kinds == kind)
        found[column] = average_precision_score(kinds[apart] == kind, seen[apart])
    return {name: round(float(value), 4) for name, value in found.items()}


def fault_spans(case: Sensor) -> dict[str, list[tuple[int, int]]]:
    """Los fallos de cada clase, contados desde el principio de la prueba."""
    spans = {kind: [] for kind in COLUMNS}
    for kind, start, end in case.truth.faults:
        spans[kind].append((start - UNSEEN, end - UNSEEN))
    return spans


def at_threshold(method: str, scores: np.ndarray, case: Sensor, multiple: float) -> dict:
    """Qué encuentra un umbral robusto: sucesos, medidas que tarda y avisos falsos por semana."""
    calm = scores[KNOWN:UNSEEN]
    threshold = np.median(calm) + multiple * robust_spread(calm)
    alarms = scores > (REPEATED if method == "repetido" else threshold)
    spans = fault_spans(case)
    every = [span for kind in spans.values() for span in kind]
    weeks = (len(scores) - UNSEEN) / (7 * PER_DAY)
    row = {
        "calibration": false_calls(alarms[KNOWN:UNSEEN], [], QUIET) / (CALIBRATION_DAYS / 7),
        "false": round(false_calls(alarms[UNSEEN:], every, QUIET) / weeks, 4),
    }
    for kind, column in COLUMNS.items():
        delays = first_alarms(alarms[UNSEEN:], spans[kind])
        row[f"{column}_found"] = int(np.isfinite(delays).sum())
        row[f"{column}_delay"] = int(np.nansum(delays))
    return row


def measure_methods(seed: int) -> list[dict]:
    """Todas las puntuaciones de un sensor: sus áreas y la mejor F1 con ajuste de puntos."""
    case = make_case(seed)
    spans = [span for kind in fault_spans(case).values() for span in kind]
    scores = plain_scores(case.values, seed) | network_scores(case.values, seed)
    return [
        {
            "method": method,
            "seed": seed,
            **areas(found, case),
            "adjusted": round(best_adjusted_f1(found[UNSEEN:], spans), 4),
            "multiple": multiple,
            **at_threshold(method, found, case, multiple),
        }
        for method, found in scores.items()
        for multiple in MULTIPLES
    ]


def contaminate(seed: int, faults: int) -> np.ndarray:
    """Un sensor cuyas diez primeras semanas tienen algunos fallos, de clases al azar."""
    values = make_case(seed).values.copy()
    dirty = sensor(TRAIN_DAYS + CALIBRATION_DAYS, faults=2, seed=seed)
    order = np.random.default_rng([seed, 45]).permutation(len(dirty.truth.faults))
    for place in order[:faults]:
        _, start, end = dirty.truth.faults[place]
        values[start:end] = dirty.values[start:end]
    return values


def measure_contaminated(faults: int, seed: int) -> list[dict]:
    """Área de cuatro detectores según los fallos que haya, sin señalar, en el entrenamiento."""
    case, values = make_case(seed), contaminate(seed, faults)
    known = slice(0, UNSEEN)
    share = float(np.mean(values[known] != case.values[known]))
    anomaly = spread_out(values).anomaly
    scores = {
        "z": np.abs(anomaly),
        "bosque, anomalías": forest(lags(anomaly), seed),
        "predictor, anomalías": forecast_scores(anomaly, seed),
        "autocodificador, anomalías": reconstruction_scores(anomaly, seed),
    }
    return [
        {
            "faults": faults,
            "method": method,
            "seed": seed,
            "share": round(share, 4),
            "area": areas(found, case)["area"],
        }
        for method, found in scores.items()
    ]


def measure_width(width: int, inputs: str, seed: int) -> dict:
    """Área y error de reconstrucción según la anchura del cuello; con cero, sin cuello.

    El error es la raíz del error cuadrático medio de la última medida, en desviaciones de la serie
    que se reconstruye: en las semanas de calibración, que están limpias, y dentro de los fallos.
    """
    case = make_case(seed)
    series = spread_out(case.values)
    values = series.raw if inputs == "tal cual" else series.anomaly
    scores = reconstruction_scores(values, seed, width)
    faulty = case.truth.faulty[UNSEEN:]
    return {
        "width": width,
        "inputs": inputs,
        "seed": seed,
        "area": areas(scores, case)["area"],
        "normal": round(float(np.sqrt(np.mean(scores[KNOWN:UNSEEN] ** 2))), 4),
        "faulty": round(float(np.sqrt(np.mean(scores[UNSEEN:][faulty] ** 2))), 4),
    }
