"""Medir lo que no cabe en una lección y guardarlo con lo que hace falta para repetirlo."""
