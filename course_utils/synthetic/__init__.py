"""Generadores de datos cuya verdad se conoce.

Cada generador devuelve, junto a lo que vería un modelo, la respuesta exacta. Así se puede comprobar
qué ha aprendido un modelo y cuál es el mejor resultado posible.
"""

from course_utils.synthetic.daily_sales import Sales, SalesTruth, sales
from course_utils.synthetic.dates import date_pairs, spell_date, to_iso
from course_utils.synthetic.long_memory import adding_problem, echo, mark_task, temporal_order
from course_utils.synthetic.number_words import number_pairs, to_number, to_words
from course_utils.synthetic.puzzles import (
    BLIND_FRAMES,
    HELD_OUT_FRAMES,
    puzzle_opinions,
    word_order_puzzles,
)
from course_utils.synthetic.sensor import FAULT_KINDS, Fault, Sensor, SensorTruth, sensor
from course_utils.synthetic.shops import (
    CATEGORIES,
    ITEM_KINDS,
    ShopDemand,
    ShopTruth,
    shop_demand,
)
from course_utils.synthetic.vehicles import (
    MANOEUVRES,
    Vehicles,
    VehicleTruth,
    VehicleWindows,
    vehicle_windows,
    vehicles,
)

__all__ = [
    "BLIND_FRAMES",
    "CATEGORIES",
    "FAULT_KINDS",
    "HELD_OUT_FRAMES",
    "ITEM_KINDS",
    "MANOEUVRES",
    "Fault",
    "Sales",
    "SalesTruth",
    "Sensor",
    "SensorTruth",
    "ShopDemand",
    "ShopTruth",
    "VehicleTruth",
    "VehicleWindows",
    "Vehicles",
    "adding_problem",
    "date_pairs",
    "echo",
    "mark_task",
    "number_pairs",
    "puzzle_opinions",
    "sales",
    "sensor",
    "shop_demand",
    "spell_date",
    "temporal_order",
    "to_iso",
    "to_number",
    "to_words",
    "vehicle_windows",
    "vehicles",
    "word_order_puzzles",
]
