"""Las figuras de las pruebas se dibujan sin pantalla; ni ellas ni su estilo pasan de una a otra."""

import matplotlib
import pytest

matplotlib.use("Agg")


@pytest.fixture(autouse=True)
def own_figures():
    with matplotlib.rc_context():
        yield
    import matplotlib.pyplot as plt

    plt.close("all")
