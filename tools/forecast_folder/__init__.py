"""Apunta los modelos y las medidas del módulo 4 a cualquier carpeta de CSV.

``python -m tools.forecast_folder CARPETA --period 24 --horizon 48``

Lee todos los CSV (una serie por fila, como los de la M4, o una por columna con fechas, como ETTh1),
dice cuáles no puede usar y por qué, pronostica con cada modelo el final de cada serie y los mezcla
con pesos que salen de orígenes anteriores, nunca de la prueba. En la carpeta de salida deja:

- ``table.csv``: una fila por serie y modelo. ``mase`` se escala con el ciclo de la serie, como en
  la M4; ``mase_1``, con la persistencia simple. ``smape_pct`` y ``wape_pct``, en tanto por ciento.
- ``summary.csv``: una fila por modelo, del mejor al peor.
- ``refused.csv``: lo que no se ha podido usar, con la razón.

Lo medido se guarda según se mide, en ``work/``: si se corta, la misma orden sigue donde estaba. Las
tablas se escriben al final, de golpe. Con ``--info``, un CSV dice el periodo y el horizonte de cada
serie. ``python -m tools.forecast_folder.example CARPETA`` escribe series inventadas para probar.
"""
