"""Medidas de lo que el curso promete. ``make bench`` las hace todas en una misma ejecución."""
