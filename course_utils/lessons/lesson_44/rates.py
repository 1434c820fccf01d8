"""Las redes de la lección 44 con otras tasas de aprendizaje."""

from __future__ import annotations

from course_utils.lessons.lesson_44 import detectors
from course_utils.lessons.lesson_44.experiment import areas


def measure_rate(network: str, inputs: str, rate: float, seed: int) -> dict:
    """Área de una red en un sensor con otra tasa inicial; lo demás, igual que en ``experiment``.

    Parameters
    ----------
    network : {"predictor", "autocodificador"}
        Qué red.
    inputs : {"tal cual", "anomalías"}
        Qué serie lee.
    rate : float
        La tasa del principio; baja hasta cero con un coseno.
    seed : int
        El sensor y los pesos.
    """
    import keras

    case = detectors.make_case(seed)
    series = detectors.spread_out(case.values)
    values = series.raw if inputs == "tal cual" else series.anomaly
    forecasts = network == "predictor"
    model = detectors.forecaster() if forecasts else detectors.autoencoder(detectors.WIDTH)
    per_epoch = -(-(detectors.KNOWN - detectors.WINDOW + 1) // detectors.BATCH)
    decay = keras.optimizers.schedules.CosineDecay(rate, detectors.EPOCHS * per_epoch)
    model.compile(keras.optimizers.Adam(decay), "mse", steps_per_execution=per_epoch)
    model.optimizer.build(model.trainable_variables)
    score = detectors.forecast_scores if forecasts else detectors.reconstruction_scores
    return {
        "network": network,
        "inputs": inputs,
        "rate": rate,
        "seed": seed,
        "area": areas(score(values, seed), case)["area"],
    }
