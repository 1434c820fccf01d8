"""La cara de la lección 32: lo que importa su cuaderno."""
