"""La cara de la lección 35: lo que importa su cuaderno."""
