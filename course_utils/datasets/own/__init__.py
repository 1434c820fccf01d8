"""La serie de quien aprende: de su CSV a una ``Series``, o la explicación de qué le pasa."""

from course_utils.datasets.own.door import load_own_series

__all__ = ["load_own_series"]
