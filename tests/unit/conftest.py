"""Las figuras de las pruebas se dibujan sin pantalla y se cierran al acabar cada una."""

import matplotlib
import pytest

matplotlib.use("Agg")


@pytest.fixture(autouse=True)
def close_figures():
    yield
    import matplotlib.pyplot as plt

    plt.close("all")
