"""Lo que ejecuta quien mantiene el curso, una carpeta por oficio."""
