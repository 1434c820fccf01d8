"""Utilidades del curso abierto de redes neuronales recurrentes en español.

Importar este paquete es rápido: no carga TensorFlow, PyTorch, pandas ni scikit-learn.
Cada lección importa del módulo concreto lo que necesita::

    from course_utils.sequences import make_windows
"""

__version__ = "0.1.0"
