"""La cara de la lección 14: lo que importa su cuaderno."""
