"""Ejercicios que se corrigen solos.

>>> from course_utils.exercises import check, hint, progress, solution
"""

from course_utils.exercises.core import check, hint, progress, solution

__all__ = ["check", "hint", "progress", "solution"]
