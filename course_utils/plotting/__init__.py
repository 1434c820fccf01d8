"""Figuras del curso: una función por figura, ``plot_x(datos, *, title=None, ax=None) -> Axes``.

Aquí está lo que dibujan varias lecciones y las piezas con que se hacen todas; lo que solo dibuja
una está en su ``course_utils/lessons/lesson_NN/figures.py``.

- ``canvas.py``: colores, ejes, paneles, títulos y límites que no esconden nada.
- ``series.py``: las series que llegan, comprobadas, y el aspecto de cada una.
- ``labels.py``: el nombre de cada curva en su extremo, y el de cada línea y cada fila.
- ``diagrams.py``: cajas, flechas y cables; las celdas y el codificador-decodificador.
- ``gradients.py`` y ``training.py``: las figuras de varias lecciones.

El título lo pone la lección, que sabe qué enseña esa ejecución.
"""
