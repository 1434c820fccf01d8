"""Experimentos largos: lo que miden los programas de ``tools/`` y una lección repite en parte.

Cada módulo tiene el código de un experimento, escrito una sola vez: el programa lo recorre entero y
deja el resultado en ``datasets/results/``; la lección vuelve a medir algunos puntos con el mismo
código y comprueba que caen donde lo guardado.
"""
