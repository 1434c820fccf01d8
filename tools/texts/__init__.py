"""Lo que se lee: la ortografía de todo y la calidad de los textos que vienen con el curso."""
