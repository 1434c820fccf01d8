"""Apunta el pipeline del módulo 4 a una carpeta de CSV cualquiera y escribe una tabla.

``python -m tools.forecast_folder CARPETA --period 24 --horizon 48``

Lee todos los CSV, dice cuáles no puede usar y por qué, pronostica con cada modelo el final de cada
serie, los mezcla con lo que aprende de orígenes anteriores y deja en la carpeta de salida
``table.csv`` (una fila por serie y modelo), ``summary.csv`` (una por modelo) y ``refused.csv``. Lo
medido se guarda según se mide: si se corta, la misma orden sigue donde estaba.
"""
