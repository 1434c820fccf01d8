"""Figuras del curso: una función por figura, ``plot_x(datos, *, ax=None) -> Axes``."""
