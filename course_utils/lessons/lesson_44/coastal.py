"""Los sucesos de El Niño en la costa del Perú, según la lista publicada de su organismo oficial.

Fuente: Comisión Multisectorial ENFEN (2024), *Definición operacional de los eventos El Niño Costero
y La Niña Costera en el Perú*, Nota Técnica ENFEN 01-2024, tabla 3; la misma lista la publica el
Instituto Geofísico del Perú. Aquí están los que empiezan y acaban entre 1950 y 2010, los años de
``load_elnino``.
"""

from __future__ import annotations

from typing import NamedTuple


class CoastalEvent(NamedTuple):
    """Un suceso: primer mes, último mes (los dos dentro) y magnitud."""

    first: str
    last: str
    magnitude: str


COASTAL_EVENTS = (
    CoastalEvent("1951-05", "1951-12", "fuerte"),
    CoastalEvent("1953-02", "1953-10", "moderada"),
    CoastalEvent("1957-03", "1958-07", "fuerte"),
    CoastalEvent("1963-08", "1963-10", "débil"),
    CoastalEvent("1965-03", "1966-01", "moderada"),
    CoastalEvent("1968-09", "1968-11", "débil"),
    CoastalEvent("1969-03", "1970-01", "moderada"),
    CoastalEvent("1972-02", "1973-02", "fuerte"),
    CoastalEvent("1976-04", "1976-12", "moderada"),
    CoastalEvent("1982-07", "1983-11", "extraordinaria"),
    CoastalEvent("1986-12", "1987-12", "moderada"),
    CoastalEvent("1991-08", "1992-06", "moderada"),
    CoastalEvent("1993-03", "1993-09", "débil"),
    CoastalEvent("1994-11", "1995-01", "débil"),
    CoastalEvent("1997-04", "1998-08", "extraordinaria"),
    CoastalEvent("2002-03", "2002-05", "débil"),
    CoastalEvent("2006-08", "2006-12", "débil"),
    CoastalEvent("2008-06", "2008-09", "débil"),
    CoastalEvent("2009-06", "2009-09", "débil"),
)
