"""De las fuentes a los cuadernos: generarlos, ejecutarlos y saber cuáles caducan."""
