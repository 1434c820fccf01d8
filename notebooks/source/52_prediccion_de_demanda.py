# %% [markdown]
# # 52 · Demanda
#
# **Diez tiendas, veinte artículos y, cada domingo, un pedido para cada día. ¿Cuánto se pide de cada cosa, y cuántos euros cuesta equivocarse?**
#
# | | |
# |---|---|
# | **Qué aprenderás** | a no confundir lo que se vendió con lo que se quería comprar; a medir doscientas series con una sola cifra que pesa los euros; a entrenar una red para todas y compararla con un modelo por serie bien hecho; a convertir cuantiles en pedidos y pedidos en euros; a decir cuánto se gana, frente a quién y con qué margen |
# | **Antes de empezar** | [42 · Multipaso](42_multipaso.ipynb) y [43 · Multivariante](43_multivariante_y_probabilistico.ipynb) |
# | **Tiempo** | 165 minutos en tres ratos, que el cuaderno marca; un minuto de ejecución |
# | **Herramientas** | Keras 3 sobre TensorFlow y SciPy |

# %% tags=["parameters"]
FAST = True  # False: la red se entrena con el triple de vueltas
SEED = 0

# %%
from course_utils.environment import setup

setup(SEED, frameworks=("tensorflow",))

# %%
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

# %%
from course_utils import inventory
from course_utils.claims import claim, explain, verify
from course_utils.comparison import crossed_bootstrap, paired
from course_utils.datasets import load_own_series, load_result
from course_utils.exercises import check, hint, progress, solution
from course_utils.inventory import critical_ratio

# %%
from course_utils.lessons.lesson_52 import (
    LEVELS,
    Recipe,
    as_table,
    censored_loss,
    constant_orders,
    euros,
    fit_specialist,
    group_masks,
    last_week_orders,
    make_examples,
    mean_of,
    network_orders,
    recall_or_train,
    scalable,
    score_mean,
    scored_days,
)

# %%
rng = np.random.default_rng(SEED)


def by_item(table, least):
    """Lo de cada artículo en todas las tiendas, en veces lo que paga quien sabe la verdad."""
    total, floor = (np.bincount(data.item, one.sum(axis=1)) for one in (table, least))
    return total[floor > 0] / floor[floor > 0]


# %%
from course_utils.lessons.lesson_52 import (
    PUBLISHED_MASE,
    PUBLISHED_SMAPE,
    next_week_orders,
    own_shop,
    plot_demand_network,
    plot_hidden_demand,
    plot_order_fan,
    plot_policy_costs,
    split_weeks,
    targets,
)
from course_utils.metrics import crps_quantiles
from course_utils.synthetic import ITEM_KINDS, shop_demand
from course_utils.training import keras_progress

# %% [markdown]
# ## El encargo
#
# > *«Somos diez tiendas de barrio. Cada domingo pedimos lo que se venderá cada día de la semana siguiente; hoy lo hace cada encargado, a ojo. Nos ofrecen una red
# > neuronal que lo haría para todos los artículos a la vez. Queremos saber tres cosas: **cuántos euros** costaría equivocarse con ella y con algo más sencillo; **con
# > qué artículos** falla; y qué hacer con los que acaban de llegar, de los que nadie sabe nada.»*
#
# Los datos son **generados**. Con los de una tienda de verdad no se puede responder a lo primero: el día que se agotó un artículo, nadie apuntó cuántos clientes se fueron
# sin él. El generador sí lo sabe, y eso permite juzgar. Las redes y los rivales solo verán lo que ve la tienda.
#
# Cuatro **hitos** se comprueban solos. Entre uno y otro hay menos guía que en una lección: puedes cambiar lo que quieras, y al final hay una rúbrica para juzgar lo
# tuyo. Este cuaderno resuelto es **una** buena respuesta.
#
# # Primer rato · Lo que se vendió y lo que se quería comprar (45 minutos)
#
# ## 1 · Doscientas series

# %%
data = shop_demand(seed=52 + SEED)
truth, on = data.truth, data.on_sale  # truth: solo para juzgar
parts = split_weeks(data)
days = scored_days(parts.test)  # las ocho últimas semanas
print(f"{'clase':14s} {'series':>7s} {'unidades/día':>13s} {'días sin venta':>15s}")
for kind in ITEM_KINDS:
    chosen = data.kind == kind
    sold = data.sales[chosen][on[chosen]]
    print(f"{kind:14s} {chosen.sum():7d} {sold.mean():13.2f} {100 * (sold == 0).mean():14.0f} %")

# %% [markdown]
# Los **intermitentes** venden cero casi todos los días. Los **nuevos** llegan cuando queda poco, y los que **se retiran** (`cierre`) acaban antes. Las promociones, las altas y las bajas
# se saben de antemano. La prueba son las ocho últimas semanas; las ocho de antes, la validación.
#
# ## 2 · Lo que esconde una rotura
#
# Cuando se vende todo (una **rotura de existencias**, *stock-out*), lo vendido es lo que había: la demanda fue esa **o más**. Un dato así se llama **censurado**.
#
# **Predice**: ¿en qué días se esconderá más demanda, en los corrientes o en los de promoción?

# %%
lost = truth.demand - data.sales


def hidden_share(where):
    """Qué parte de la demanda de unos días se quedó sin vender."""
    return lost[where].sum() / truth.demand[where].sum()


in_promotion, in_others = hidden_share(data.promotion), hidden_share(on & ~data.promotion)
sold_out_share = data.sold_out[on].mean()
window = slice(days.start - 120, days.start)
worst = (lost * data.promotion)[data.kind == "regular", window].sum(axis=1).argmax()
row = np.flatnonzero(data.kind == "regular")[worst]

# %%
plot_hidden_demand(
    data.dates[window], data.sales[row, window], truth.demand[row, window],
    data.promotion[row, window], title="Las roturas cortan picos de la demanda",
)  # fmt: skip
plt.show()
explain(
    f"La serie regular que más perdió en promoción esos cuatro meses. El fondo de color es la promoción; la zona entre las dos líneas, lo que no se pudo vender. En el "
    f"{100 * sold_out_share:.0f} % de los días de todas las series se vende todo. En promoción se esconde el {100 * in_promotion:.1f} % de la demanda; los demás días, "
    f"el {100 * in_others:.1f} %."
)

# %% [markdown]
# Quien aprenda de las ventas creerá que las promociones funcionan menos de lo que funcionan y pedirá poco para la siguiente: eso lo mediremos. Que entonces se vuelva a agotar, y las ventas
# le den la razón, queda para quien siga (el segundo camino del final).
#
# ## 3 · Una sola cifra para doscientas series
#
# Un error de diez unidades no es lo mismo en el pan que en un televisor. La competición M5, de ventas de supermercado, lo resolvió así: el **RMSSE** de cada serie (lección 41; aquí, con lo que cambia de un día
# al siguiente como escala), que no tiene unidades, y una media con los **euros** que mueve cada una como peso:
#
# $$\sum_i \frac{e_i}{\sum_j e_j}\,\sqrt{\frac{\frac1H\sum_h (y_{ih}-\hat y_{ih})^2}{\frac1{T_i-1}\sum_t (y_{it}-y_{i,t-1})^2}}$$
#
# donde $e_i$ son los euros vendidos en los últimos 28 días conocidos, $h$ recorre los $H$ días del plazo y $t$, la historia de la serie **desde que empezó a venderse**.
#
# ### Hito 1 ★ · El error, con el peso de los euros
#
# `actual` y `forecast` son arrays (series, plazo); `training`, una lista con la historia de cada serie, cada una de su longitud; `euros`, un array (series,). Devuelve la cifra de la fórmula.


# %% tags=["exercise"]
def euro_rmsse(actual, forecast, training, euros):
    """RMSSE de muchas series, pesado por sus euros: un número."""
    ### BEGIN SOLUTION
    total = 0.0
    for y, guess, history, weight in zip(actual, forecast, training, euros, strict=True):
        scale = np.mean(np.diff(history) ** 2)
        total += weight * np.sqrt(np.mean((y - guess) ** 2) / scale)
    return float(total / np.sum(euros))
    ### END SOLUTION


# %% tags=["check"]
euro_rmsse = check("52.1", euro_rmsse)

# %% [markdown]
# Solo entran las series que se venden toda la prueba y llevaban al menos cuatro semanas: un recién llegado no tiene historia con la que escalarse. Se medirán aparte, en euros.

# %%
rows = scalable(data, days)
history = [data.sales[i, : days.start][on[i, : days.start]].astype(float) for i in rows]
recent = slice(days.start - 28, days.start)
moved = data.price[rows] * data.sales[rows, recent].sum(axis=1)  # euros


def error_of(mean):
    """El de un pronóstico medio (series, días de la prueba), contra la demanda verdadera."""
    return euro_rmsse(truth.demand[rows, days].astype(float), mean[rows], history, moved)


last_week = last_week_orders(data, days).astype(float)
mean_errors = {
    "quien sabe la verdad": error_of(truth.expected[:, days]),
    "la semana pasada": error_of(last_week),
}
explain(
    f"De {len(data.kind)} series se puntúan {len(rows)}. Repetir la semana pasada tiene un error de {mean_errors['la semana pasada']:.2f}; saber la media verdadera de cada día, "
    f"de {mean_errors['quien sabe la verdad']:.2f}. Ese error es azar, y nadie lo quita."
)

# %% [markdown]
# ## 4 · Un modelo por serie
#
# El rival es lo que haría quien vive de esto, no el primero que pasaba. De cada serie: un **nivel** que se corrige con cada error (suavizado exponencial, lección 25), **multiplicado por** un efecto del día de la
# semana y **por** otro de la promoción, o de la semana que la sigue, en que muchos ya han comprado. Los efectos se acercan a los de su categoría (hay cuatro) cuando hay poca historia. La demanda alrededor de esa media es una
# **binomial negativa** (lección 43), con la dispersión más verosímil de cada serie. La tasa del nivel se elige entre cinco, por serie. Y un día con rotura cuenta como la demanda que se espera **sabiendo que fue lo
# vendido o más**.
#
# Juega con dos ventajas: los datos salen de una binomial negativa y él usa esa familia, que en una tienda de verdad nadie sabe; y se ajusta también con las ocho semanas de validación, que la red no usa para entrenar. Le faltan
# dos cosas que el oficio tiene: una curva de lanzamiento para los nuevos, y los métodos propios de los intermitentes (Croston, 1972; TSB, de Teunter y otros, 2011), que pronostican aparte cada cuánto se vende y cuánto.
#
# **Predice**: ¿cuánto mejorará por estimar lo que escondieron las roturas?

# %%
specialist = fit_specialist(data, days.start)
blind_specialist = fit_specialist(data, days.start, uncensor=False)
ratio = critical_ratio(data.shortage, data.holding)  # qué cuantil conviene: la sección 7
specialist_orders = specialist.quantile(ratio, days)
cost = {
    "uno por serie": euros(specialist_orders, data, days),
    "uno por serie, sin censura": euros(blind_specialist.quantile(ratio, days), data, days),
    "quien sabe la verdad": euros(truth.quantile(ratio, days), data, days),
}
mean_errors["uno por serie"] = error_of(specialist.mean[:, days])

# %%
least = cost["quien sabe la verdad"]
uncensor_gap = paired(
    by_item(cost["uno por serie"], least), by_item(cost["uno por serie, sin censura"], least)
)
explain(
    f"El modelo por serie tiene un error de {mean_errors['uno por serie']:.2f}. Equivocarse con sus pedidos cuesta, en ocho semanas y entre lo que falta y lo que sobra, {cost['uno por serie'].sum():.0f} euros; a quien sabe la verdad (la media "
    f"y la dispersión de cada día, no cuánta gente entrará), {cost['quien sabe la verdad'].sum():.0f}. Estimar lo que escondieron las roturas frente a creerse las ventas, por artículo: {uncensor_gap.verdict('puntos', scale=100)}."
)

# %% [markdown]
# La única diferencia entre los dos es esa: mismos datos, mismas fórmulas. Un **punto** es un uno por ciento de lo que paga quien sabe la verdad: así un artículo caro no pesa más que uno barato. La muestra son los **veinte
# artículos**, no las doscientas series: el mismo artículo se parece a sí mismo en las diez tiendas, y contarlo diez veces daría un intervalo demasiado estrecho. De dónde salen los pedidos lo verás en el tercer rato.
#
# > **Puedes parar aquí.** Para seguir otro día, ejecuta las celdas del principio, hasta los `import`, y continúa en la siguiente: cada rato se basta solo.
#
# # Segundo rato · Una red para todas (55 minutos)

# %%
# Para retomar: lo que este rato necesita.
data = shop_demand(seed=52 + SEED)
truth, on = data.truth, data.on_sale
parts = split_weeks(data)
days = scored_days(parts.test)
ratio = critical_ratio(data.shortage, data.holding)
least = euros(truth.quantile(ratio, days), data, days)

# %% [markdown]
# ## 5 · De las ventas a los ejemplos
#
# Una red **global** aprende de las doscientas series a la vez: lo que una promoción hace en una tienda puede servir en otra, y un recién llegado, parecerse a los que llegaron antes. Cada ejemplo es una serie y un lunes. La GRU
# lee ocho pasos, uno por **semana**: sus siete ventas, si hubo rotura, si había promoción y si se vendía. Aparte va lo que ya se sabe: las promociones de los siete días que vienen, la categoría, el precio, la escala, cuánto
# lleva a la venta y la época del año.
#
# Series de medio artículo al día y de cuarenta tienen que caber en la misma red. Cada ejemplo se divide entre su **escala**: uno más lo que vendía al día en esas ocho semanas, con una quincena de su categoría. Ese uno evita que una
# venta suelta de un intermitente pese como cien panes.

# %%
train, validation, test = (make_examples(data, part) for part in parts)
print(f"{'parte':12s} {'ejemplos':>9s}")
for name, examples in zip(
    ("train", "validación", "prueba"), (train, validation, test), strict=True
):
    print(f"{name:12s} {len(examples.scale):9d}")
print("visto:", train.past.shape, "  sabido:", train.future.shape)

# %%
plot_demand_network(title="Ocho semanas y lo sabido; salen diez cuantiles de cada día")
plt.show()
explain(
    f"La GRU resume ocho semanas; una capa densa junta ese resumen con lo que se sabe de la próxima y otra da, por cada día, {len(LEVELS)} números positivos. Sumados uno tras otro son los cuantiles, del "
    f"{LEVELS[0]:.2f} al {LEVELS[-1]:.2f}: así no se pueden cruzar."
)

# %% [markdown]
# ## 6 · Una pérdida que sabe que hubo roturas
#
# La pérdida del cuantil de la 43 castigaría a quien pida doce un día en que se vendieron ocho **porque no había más**. ¿Qué se puede decir de ese día? Que lo vendido es el menor de dos: la demanda y lo que
# había. Si había 8 y el cuantil 0.9 de la demanda es 12, el cuantil 0.9 de lo **vendido** es 8: el menor de los dos (Powell, 1986). Luego se compara lo vendido con **el menor del cuantil y lo que había**.
#
# Un día **sin** rotura la demanda se vio entera: ahí no hay límite, y se da como `stock` un número enorme.
#
# ### Hito 2 ★★ · La pérdida censurada
#
# `quantiles` es un array (lote, días, niveles); `sales` y `stock`, lo vendido y hasta dónde se pudo ver la demanda, (lote, días); `levels`, (niveles,). Devuelve la media de todas las pérdidas.


# %% tags=["exercise"]
def censored_pinball(quantiles, sales, stock, levels):
    """Pérdida del cuantil que no castiga lo que las existencias no dejaron ver: un número."""
    ### BEGIN SOLUTION
    seen = np.minimum(quantiles, stock[..., None])  # (lote, días, niveles)
    gap = sales[..., None] - seen
    return float(np.maximum(levels * gap, (levels - 1) * gap).mean())
    ### END SOLUTION


# %% tags=["check"]
censored_pinball = check("52.2", censored_pinball)

# %% [markdown]
# La misma cuenta, con operaciones de Keras, está en `censored_loss`. Que sean la misma se comprueba.

# %%
trial = np.sort(rng.gamma(3.0, 1.0, size=(50, 7, len(LEVELS))), axis=-1).astype("float32")
answers = targets(train, censored=True)[:50]  # (50, 7, 2): lo vendido y el límite, en escalas
by_hand = censored_pinball(
    trial.astype(float), answers[..., 0].astype(float), answers[..., 1].astype(float), LEVELS
)
loss_gap = abs(by_hand - float(np.mean(censored_loss(answers, trial))))
print("La tuya y la de Keras difieren en menos de una millonésima:", loss_gap < 1e-6)

# %% [markdown]
# Cuidado con lo que promete. En los días con rotura, la pérdida no cambia al mover un cuantil que está por encima de lo que había: de ahí tiran solo los días sin rotura, que son los de menos demanda, y un cuantil alto se puede quedar corto.
# Ninguna pérdida inventa lo que nadie vio.
#
# **Predice**: ¿ganará la red al modelo por serie, que ya conoce la familia de los datos?

# %%
recipe = Recipe(epochs=12 if FAST else 36)
network = recall_or_train(
    train, validation, seed=SEED, recipe=recipe, callbacks=(keras_progress(),)
)
quantiles = network.quantiles(test)  # (ejemplos, 7, niveles), en unidades
best_epoch = int(network.losses.argmin()) + 1
inside = [(test.sales <= quantiles[..., place]).mean() for place in (2, 7)]
explain(
    f"La menor pérdida de validación, en la vuelta {best_epoch} de {recipe.epochs}. Lo **vendido** no pasa del cuantil {LEVELS[2]:.2f} el {100 * inside[0]:.0f} % de los días, ni del "
    f"{LEVELS[7]:.2f} el {100 * inside[1]:.0f} %."
)

# %% [markdown]
# Lo **vendido** debe quedar por debajo de cada cuantil más veces de las que dice su nivel: las ventas no llegan a la demanda. Con la demanda, que aquí se conoce:

# %%
demand_rows = truth.demand[test.series[:, None], test.origin[:, None] + np.arange(7)]
print(f"{'nivel':>6s} {'vendido':>9s} {'demanda':>9s}")
for place in (0, 2, 4, 5, 7, 9):
    below = [100 * (one <= quantiles[..., place]).mean() for one in (test.sales, demand_rows)]
    print(f"{LEVELS[place]:6.2f} {below[0]:7.0f} % {below[1]:7.0f} %")

# %% [markdown]
# En los niveles bajos, los porcentajes pasan del nivel también con la demanda: es entera y los intermitentes valen cero casi siempre, así que «no pasar de cero» ocurre muchas más veces que una de cada veinte.
#
# ## Rómpelo y arréglalo
#
# La misma red, con los mismos ejemplos, la misma semilla y las mismas vueltas, con la pérdida de siempre: como si lo vendido fuera la demanda.
#
# **Predice**: ¿en qué días pedirá menos que la otra?

# %%
naive_recipe = Recipe(epochs=recipe.epochs, censored=False)
naive_network = recall_or_train(
    train, validation, seed=SEED, recipe=naive_recipe, callbacks=(keras_progress(),)
)
naive_quantiles = naive_network.quantiles(test)
aware_orders = network_orders(quantiles, test, data)[:, days]
naive_orders = network_orders(naive_quantiles, test, data)[:, days]
promoted = data.promotion[:, days]
order_ratio = {
    "en promoción": naive_orders[promoted].sum() / aware_orders[promoted].sum(),
    "los demás días": naive_orders[~promoted].sum() / aware_orders[~promoted].sum(),
}
for name, value in order_ratio.items():
    print(f"{name:15s} la que no sabe de roturas pide {value:.2f} veces lo que la otra")

# %%
aware_cost, naive_cost = (euros(one, data, days) for one in (aware_orders, naive_orders))
repair = paired(by_item(aware_cost, least), by_item(naive_cost, least))
explain(
    f"Equivocarse con los pedidos de la red que sabe de roturas cuesta {aware_cost.sum():.0f} euros en ocho semanas; con los de la que no, {naive_cost.sum():.0f}. La primera frente a la segunda, "
    f"por artículo: {repair.verdict('puntos', scale=100)}."
)

# %% [markdown]
# ¿Se habría visto en la validación, que solo tiene ventas? La pérdida de siempre (sin límite en ningún día), en las ocho semanas de prueba y en escalas, contra lo vendido y contra la demanda:

# %%
unlimited = np.full(test.sales.shape, 1e6)
one_scale = test.scale[:, None]
plain_loss = {
    (name, against): censored_pinball(table / one_scale[..., None], target / one_scale, unlimited, LEVELS)
    for name, table in (("sabe", quantiles), ("no sabe", naive_quantiles))
    for against, target in (("ventas", test.sales.astype(float)), ("demanda", demand_rows.astype(float)))
}  # fmt: skip
preferred = {
    against: "la que sabe" if plain_loss["sabe", against] < plain_loss["no sabe", against] else "la que no sabe"
    for against in ("ventas", "demanda")
}  # fmt: skip
explain(
    f"Con lo vendido parece mejor {preferred['ventas']}; con la demanda, {preferred['demanda']}."
)

# %% [markdown]
# Quien puntúe con ventas puede quedarse con la peor: hay que buscar el síntoma donde se agota. La cura es una línea, la del mínimo.
#
# > **Puedes parar aquí.** Las redes quedan guardadas. Para seguir otro día, ejecuta las celdas del principio, hasta los `import`, y continúa en la siguiente.
#
# # Tercer rato · De cuantiles a euros (65 minutos)

# %%
# Para retomar: lo que este rato necesita. Las redes se leen de tu carpeta; si no están, se entrenan.
data = shop_demand(seed=52 + SEED)
truth, on = data.truth, data.on_sale
parts = split_weeks(data)
days = scored_days(parts.test)
train, validation, test = (make_examples(data, part) for part in parts)
recipe = Recipe(epochs=12 if FAST else 36)
network = recall_or_train(train, validation, seed=SEED, recipe=recipe)
quantiles = network.quantiles(test)
specialist = fit_specialist(data, days.start)

# %% [markdown]
# ## 7 · Cuánto se pide
#
# Que falte una unidad cuesta lo que se deja de ganar; que sobre, guardarla o tirarla. Aquí cada día empieza de cero: lo que sobra no se vende al siguiente. Si se pide una más de $q$, se ahorra lo primero cuando la demanda pasa de $q$ y se paga lo segundo cuando no. Compensa pedir más
# mientras $P(D>q)\cdot c_{\text{falta}} > P(D\le q)\cdot c_{\text{sobra}}$. Se para donde
#
# $$P(D\le q)=\frac{c_{\text{falta}}}{c_{\text{falta}}+c_{\text{sobra}}}$$
#
# Es la **razón crítica** (*critical ratio*) del problema del vendedor de periódicos. El mejor pedido no es la media: es **un cuantil**, distinto en cada artículo. Para eso se pronosticaban cuantiles.
#
# ### Hito 3 ★★ · De cuantiles a pedidos
#
# `quantiles` es un array (series, días, niveles); `levels`, (niveles,); `shortage` y `holding`, los costes de cada serie, (series,). Interpola en línea recta entre los niveles; más allá del primero o del último, ese. Redondea
# al entero más cercano. Devuelve enteros, (series, días).


# %% tags=["exercise"]
def order_units(quantiles, levels, shortage, holding):
    """Cuántas unidades se piden de cada serie cada día: enteros (series, días)."""
    ### BEGIN SOLUTION
    ratio = shortage / (shortage + holding)
    orders = [
        [np.interp(wanted, levels, day) for day in week]
        for wanted, week in zip(ratio, quantiles, strict=True)
    ]
    return np.floor(np.array(orders) + 0.5).astype(int)
    ### END SOLUTION


# %% tags=["check"]
order_units = check("52.3", order_units)

# %%
ratio = critical_ratio(data.shortage, data.holding)
own = order_units(
    quantiles, LEVELS, data.shortage[test.series], data.holding[test.series]
)  # un ejemplo por fila
orders = as_table(test, own, data)[:, days]  # (200, 56)
theirs = inventory.orders_from_quantiles(quantiles, levels=LEVELS, ratio=ratio[test.series])
order_gap = int(np.abs(own - theirs).max())
busiest = int(np.argmax(np.where(on[:, days].all(axis=1), data.sales[:, days].sum(axis=1), 0)))
mine = test.series == busiest

# %%
plot_order_fan(
    quantiles[mine].reshape(-1, len(LEVELS)), truth.demand[busiest, days], orders[busiest],
    title=f"El pedido va por el cuantil {ratio[busiest]:.2f}",
)  # fmt: skip
plt.show()
explain(
    f"La serie que más vende. La franja más ancha va del cuantil {LEVELS[0]:.2f} al {LEVELS[-1]:.2f}. Que falte una unidad cuesta {data.shortage[busiest]:.2f} euros y que sobre, "
    f"{data.holding[busiest]:.2f}: la razón crítica es {ratio[busiest]:.2f} y el pedido va por ese cuantil."
)

# %% [markdown]
# ## 8 · La mejor política que no cambia
#
# Antes de celebrar nada: ¿y si se pidiera lo mismo todos los días? Es lo más barato de llevar, y no necesita ni ordenador.
#
# ### Hito 4 ★★★ · La mejor constante
#
# `units` es un array de enteros (días,); `shortage` y `holding`, dos números. Cada unidad que falta cuesta `shortage` y cada una que sobra, `holding`. Devuelve el pedido entero que, repetido todos esos días, habría costado menos; si
# empatan, el menor.


# %% tags=["exercise"]
def best_constant(units, shortage, holding):
    """El pedido que, repetido, menos habría costado: un entero."""
    ### BEGIN SOLUTION
    candidates = np.arange(units.max() + 1)
    gap = units - candidates[:, None]  # (pedidos, días): si es positivo, faltó
    cost = np.where(gap > 0, shortage * gap, -holding * gap).sum(axis=1)
    return int(candidates[cost.argmin()])
    ### END SOLUTION


# %% tags=["check"]
best_constant = check("52.4", best_constant)

# %% [markdown]
# Hay dos mejores constantes. La que se puede usar sale de las ventas del último medio año. La otra, con la demanda de las semanas que se puntúan, no la puede usar nadie: es lo mejor que habría podido hacer quien no cambia
# nunca.

# %%
half_year = slice(days.start - 182, days.start)
place = int(np.flatnonzero(on[:, half_year].all(axis=1) & on[:, days].all(axis=1))[0])
one_constant = best_constant(
    data.sales[place, half_year], float(data.shortage[place]), float(data.holding[place])
)

# %%
flat, hindsight = (constant_orders(data, days, hindsight=when) for when in (False, True))
spent = [
    inventory.order_cost(
        np.full(182, one), data.sales[place, half_year],
        shortage=float(data.shortage[place]), holding=float(data.holding[place]),
    ).sum()
    for one in (one_constant, flat[place].max())
]  # fmt: skip
constant_gap = abs(spent[0] - spent[1])

# %%
policies = {
    "quien sabe la verdad": truth.quantile(ratio, days),
    "red para todas": orders,
    "uno por serie": specialist.quantile(ratio, days),
    "la semana pasada": last_week_orders(data, days),
    "constante": flat,
    "constante, a posteriori": hindsight,
    "lo que hizo la tienda": data.stock[:, days],
}

# %% [markdown]
# ## 9 · Euros
#
# **Predice**: ordena las siete antes de ejecutar.

# %%
paid = {name: euros(one, data, days) for name, one in policies.items()}
floor = paid["quien sabe la verdad"].sum()
print(f"{'política':25s} {'euros':>8s} {'veces la verdad':>16s} {'servido':>8s}")
for name, table in sorted(paid.items(), key=lambda pair: pair[1].sum()):
    served = np.minimum(policies[name], truth.demand[:, days]).sum() / truth.demand[:, days].sum()
    print(f"{name:25s} {table.sum():8.0f} {table.sum() / floor:16.2f} {100 * served:6.1f} %")

# %% [markdown]
# ¿Ordena igual el error de los pronósticos medios, el de la sección 3? (La media de la red es la de sus cuantiles, que van de diez en diez puntos.)

# %%
means = {
    "quien sabe la verdad": truth.expected[:, days],
    "red para todas": as_table(test, mean_of(quantiles), data)[:, days],
    "uno por serie": specialist.mean[:, days],
    "la semana pasada": policies["la semana pasada"],
}
scores = {name: score_mean(mean, data, days) for name, mean in means.items()}
for name, score in scores.items():
    print(f"{name:25s} error {score:.3f}   euros {paid[name].sum():7.0f}")
same = sorted(scores, key=scores.get) == sorted(scores, key=lambda name: paid[name].sum())
explain(
    f"El error y los euros {'los ordenan igual' if same else 'no los ordenan igual'}. Entre dos vecinos, la diferencia puede ser azar."
)

# %% [markdown]
# Y ese mismo error por clase, cada una con el peso de sus euros:

# %%
rows = scalable(data, days)
moved = data.price[rows] * data.sales[rows, days.start - 28 : days.start].sum(axis=1)  # euros
for kind in ("regular", "intermitente", "nuevo"):  # quien se retira no está toda la prueba
    chosen = rows[data.kind[rows] == kind]
    known = [data.sales[i, : days.start][on[i, : days.start]] for i in chosen]
    about = {"training": known, "euros": moved[data.kind[rows] == kind]}
    errors = {
        name: inventory.weighted_rmsse(truth.demand[chosen, days], means[name][chosen], **about)
        for name in ("red para todas", "uno por serie")
    }
    print(f"{kind:14s}" + "".join(f"  {name}: {value:.3f}" for name, value in errors.items()))

# %% [markdown]
# ¿Y los cuantiles, todos a la vez? El **CRPS** de la lección 43, en unidades, por clase: menos es mejor.

# %%
kept = on[:, days]
spread = {
    "red para todas": np.stack(
        [as_table(test, quantiles[..., k], data)[:, days] for k in range(len(LEVELS))], axis=-1
    ),
    "uno por serie": np.stack([specialist.quantile(level, days) for level in LEVELS], axis=-1),
}
for name, table in spread.items():
    shown_kinds = [kept & (data.kind == kind)[:, None] for kind in ITEM_KINDS]
    scores = [
        crps_quantiles(truth.demand[:, days][m], table[m], levels=LEVELS) if m.any() else np.nan
        for m in shown_kinds
    ]
    print(
        f"{name:16s}" + "".join(f"  {k} {s:.3f}" for k, s in zip(ITEM_KINDS, scores, strict=True))
    )

# %%
least = paid["quien sabe la verdad"]
against = {
    name: paired(by_item(paid["red para todas"], least), by_item(paid[name], least))
    for name in ("uno por serie", "constante", "constante, a posteriori", "quien sabe la verdad")
}
explain(
    "Lo que cuesta la red en ocho semanas, por artículo. "
    + "; ".join(
        f"Frente a {name}: {gap.verdict('puntos', scale=100)}" for name, gap in against.items()
    )
    + "."
)

# %% [markdown]
# El intervalo es entre los **artículos** de estas tiendas. Con otras tiendas y otra semilla de la red podría salir otra cosa: por eso viene la sección 10. «Lo que hizo la tienda» no es un rival justo, ni por un lado ni
# por el otro: el generador llena el estante sabiendo el nivel verdadero, que nadie sabe, y sus faltas incluyen las del proveedor, que no son culpa de quien pide.
#
# ¿Con qué artículos falla cada una?

# %%
masks = group_masks(data, days)
print(f"{'':25s}" + "".join(f"{name:>14s}" for name in masks))
for name in ("red para todas", "uno por serie", "constante"):
    ratios = [
        paid[name][m].sum() / max(paid["quien sabe la verdad"][m].sum(), 1e-9)
        for m in masks.values()
    ]
    print(f"{name:25s}" + "".join(f"{value:14.2f}" for value in ratios))
cold_days = int(masks["en frío"].sum())
explain(
    f"Veces lo que cuesta a quien sabe la verdad. «En frío» son las semanas que empiezan antes de llevar cuatro a la venta: {cold_days} días."
)

# %% [markdown]
# Con tan pocos días en frío, la última columna de una sola cadena de tiendas no dice casi nada. Hacen falta más tiendas.
#
# ## 10 · Otras tiendas
#
# `tools/experiments/demand.py` repite todo con otras doscientas series cada vez, y mide cada red con varias tasas de aprendizaje. Además de la red: la misma **sin saber de roturas**, y una **densa**, sin recurrencia, con
# casi los mismos parámetros, que ve las ocho semanas a la vez. Todas, con doce vueltas. La tasa de cada red se elige con la validación, de todas las tiendas juntas; con la prueba se puntúa una vez. Si la elegida es la mayor que se probó, con otra podría acertar algo más.
#
# **Predice**: ¿pondrá algo la recurrencia?

# %%
plain, networks = load_result("demanda"), load_result("demanda_redes")


def chosen_rate(model):
    """La tasa con menor pérdida de validación, de media entre las tiendas."""
    mine = networks["model"] == model
    rates = np.unique(networks["rate"][mine])
    losses = [networks["validation"][mine & (networks["rate"] == rate)].mean() for rate in rates]
    return float(rates[int(np.argmin(losses))])


# %%
def stored(model, kind="todas"):
    """Euros de cada cadena de tiendas, en veces lo que cuesta a quien sabe la verdad: (cadenas,)."""
    table = plain if model in set(plain["model"]) else networks
    mine = (table["model"] == model) & (table["kind"] == kind)
    if table is networks:
        mine &= table["rate"] == chosen_rate(model)
    order = np.argsort(table["seed"][mine])
    return (table["euros"][mine] / table["floor"][mine])[order]


# %%
shown = {  # cómo se dice aquí lo que la tabla llama de otro modo
    "uno por serie": "uno por serie",
    "uno por serie, cree las ventas": "uno por serie, sin censura",
    "GRU": "GRU",
    "GRU, cree las ventas": "GRU sin censura",
    "densa": "densa",
    "constante": "constante",
}
chains = {name: stored(model) for name, model in shown.items()}

# %%
at_the_edge = [
    name
    for name in ("GRU", "GRU sin censura", "densa")
    if chosen_rate(name) == networks["rate"].max()
]
title = "Cada punto, otras diez tiendas"
plot_policy_costs({name: chains[name] for name in shown if name != "constante"}, title=title)
plt.show()
explain(
    f"{len(chains['GRU'])} cadenas generadas. Veces lo que cuesta a quien sabe la verdad, de media: "
    + "; ".join(f"{name}, {values.mean():.2f}" for name, values in chains.items())
    + f". Redes que se quedan con la mayor tasa que se probó: {', '.join(at_the_edge) or 'ninguna'}."
)

# %% [markdown]
# Las diferencias, en los puntos de antes. La muestra son las cadenas: cada una, con otros artículos, otras tiendas y otra semilla de la red.

# %%
questions = {
    "la red frente a uno por serie": ("GRU", "uno por serie"),
    "la red que sabe de roturas frente a la que no": ("GRU", "GRU, cree las ventas"),
    "la GRU frente a la densa": ("GRU", "densa"),
    "uno por serie que sabe de roturas frente al que no": (
        "uno por serie",
        "uno por serie, cree las ventas",
    ),
}
gaps = {name: paired(chains[one], chains[other]) for name, (one, other) in questions.items()}
for name, gap in gaps.items():
    print(f"{name}: {gap.verdict('puntos', scale=100)}")

# %% [markdown]
# Y por clase, con el arranque en frío aparte: la red frente a uno por serie, y saber de roturas en el modelo por serie.

# %%
kinds = (*ITEM_KINDS, "en frío")
by_kind = {kind: paired(stored("GRU", kind), stored("uno por serie", kind)) for kind in kinds}
aware_by_kind = {
    kind: paired(stored("uno por serie", kind), stored("uno por serie, sin censura", kind))
    for kind in kinds
}
for title, table in (("la red", by_kind), ("saber de roturas, por serie", aware_by_kind)):
    print(title)
    for kind, gap in table.items():
        print(f"  {kind:14s} {gap.verdict('puntos', scale=100)}")

# %% [markdown]
# Lee cada renglón con su intervalo: donde no deja fuera el cero, la respuesta es «con estas cadenas no se ve». Y recuerda con quién se compara: al modelo por serie le falta una curva de lanzamiento, que la red puede aprender
# de otros; y ninguno de los dos mira lo que **el mismo artículo** vende ya en otra tienda, que es lo primero que haría un encargado. En los que se retiran hay una trampa: un día con rotura, lo que se estima sale del nivel
# que se creía, y si el artículo se apaga ese nivel ya no existe.
#
# ## 11 · ¿Y con series de verdad?
#
# Nada de lo anterior prueba que una red pronostique bien ventas reales. La competición **M3** (Makridakis e Hibon, 2000) tiene 1428 series mensuales de empresas e instituciones, con 18 meses guardados para puntuar. Su medida es el **sMAPE**: de media, el error absoluto entre el
# tamaño medio de lo real y lo pronosticado, en tanto por ciento. Los modelos del curso se han medido en ellas con `tools/experiments/m3.py`: persistencia estacional, theta, ETS y una GRU para todas las series (sin afinar más que su anchura, con validación), sola y a medias con theta. Las series no se distribuyen con el curso.

# %%
m3 = load_result("m3_mensual")
widths = np.unique(m3["width"][m3["model"] == "GRU para todas"])
chosen_width = int(
    widths[np.argmin([m3["validation"][m3["width"] == width].mean() for width in widths])]
)


def by_block(model, column="smape"):
    """La medida de cada bloque de series, con cada semilla: (semillas, bloques)."""
    mine = (m3["model"] == model) & np.isin(m3["width"], (0, chosen_width))
    order = np.lexsort((m3["block"][mine], m3["seed"][mine]))
    return m3[column][mine][order].reshape(len(np.unique(m3["seed"][mine])), -1)


# %%
m3_models = list(dict.fromkeys(m3["model"].tolist()))
print(f"{'':26s} {'sMAPE':>7s} {'MASE (12 meses)':>16s} {'MASE (1 mes)':>13s}")
for model in m3_models:
    values = [by_block(model, column).mean() for column in ("smape", "mase12", "mase1")]
    print(f"{model:26s} {values[0]:7.2f} {values[1]:16.3f} {values[2]:13.3f}")
for name, value in PUBLISHED_SMAPE.items():
    print(f"{name:26s} {value:7.2f}")
for name, value in PUBLISHED_MASE.items():
    print(f"{name:26s} {'':7s} {value:16.2f}")

# %%
hybrid_gap, network_gap = (
    crossed_bootstrap(by_block(model), by_block("theta"), seed=0)
    for model in ("mitad GRU, mitad theta", "GRU para todas")
)
explain(
    f"Frente al theta calculado aquí. La red sola: {network_gap.verdict('puntos de sMAPE', decimals=2)}. La mitad de cada uno: "
    f"{hybrid_gap.verdict('puntos de sMAPE', decimals=2)}. Los ejemplos son grupos de series, repartidas por turno."
)

# %% [markdown]
# Las dos últimas filas son de otros: el sMAPE es el de la tabla de la competición; el MASE, de una comparación posterior, con la escala de un ciclo antes (doce meses en las mensuales) pero en **todas** las series de la M3, también anuales y trimestrales. Lo
# recalculado difiere en los decimales de lo publicado, así que no se dice que nada sea igual a nada. Y un MASE con escala de un mes no se compara con uno de doce.
#
# En la M4, con cien mil series, ganó un **híbrido** (Smyl, 2020): suavizado exponencial de cada serie, para el nivel y la estación, y una red recurrente común a todas, para lo demás. La idea: lo propio de cada serie cabe en unos
# pocos números, que se estiman con ella sola; lo común se aprende mejor de todas. Su híbrido se entrena entero a la vez; la media de aquí arriba es otro mucho más pobre, y si ganó **por** ser híbrido no lo mide ninguno de los dos.
#
# ## 12 · Con tus ventas
#
# Un CSV con las ventas diarias de un artículo y, si la tienes, una columna con lo que se **puso** a la venta (no lo que quedó al cerrar). **Cambia la celda siguiente**: la ruta, los nombres de las columnas, los dos costes y,
# si el error lo pide, las opciones. Si pones siempre lo mismo, escribe el número en el lugar de la columna: `"stock": 30`. Si cerraste unas semanas, `"fill": "previous"`; si cierras los domingos, `"fill": "zero"`. Con una sola serie no hay red global que valga: pide el modelo por serie, que da por hecho que no hubo promociones.

# %%
my_file, my_costs = None, {"shortage": 2.0, "holding": 0.5}  # por ejemplo "ventas.csv"
my_columns = {"date": "fecha", "sales": "ventas", "stock": "existencias"}  # sin "stock" si no hay
my_options = {}  # lo que pida el error: {"encoding": "cp1252", "sort": True, "fill": "zero"}


def read_shop(path, columns, costs, options):
    """La tienda de un archivo; si no se puede usar, un ValueError que dice qué columna y por qué."""
    read = {"stock": columns.get("stock")}
    for name in ("sales", "stock"):
        if not isinstance(columns.get(name), str):
            continue
        wanted = {"date_column": columns["date"], "value_column": columns[name]}
        try:
            read[name] = load_own_series(path, **wanted, **options)
        except (ValueError, OSError) as error:
            raise ValueError(f"Al leer «{columns[name]}»: {error}") from error
    return own_shop(read["sales"], stock=read["stock"], **costs)


# %%
def plan(path, columns, costs, options):
    """El pedido de la semana que viene, o lo que le pasa al archivo."""
    try:
        shop = read_shop(path, columns, costs, options)
    except (ValueError, TypeError, KeyError) as error:
        return f"No se puede usar. {error}"
    dates, out = shop.dates[:-7], shop.sold_out[0, :-7].sum()
    known = f"se agotó en {out}" if "stock" in columns else "no se sabe cuándo se agotó"
    text = [f"{len(dates)} días, de {dates[0]} a {dates[-1]}; {known}."]
    names = ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo")
    for day, mean, order in zip(*next_week_orders(shop), strict=True):
        name = names[(day.astype(int) + 3) % 7]  # el día cero, 1 de enero de 1970, fue jueves
        text.append(f"{name:9s} {day}  se espera {mean:5.1f}  pide {order:3d}")
    return "\n".join(text)


# %%
if my_file is not None:
    print(plan(my_file, my_columns, my_costs, my_options))

# %% [markdown]
# Mientras tanto, lo mismo con una serie de aquí guardada en un CSV, sin la columna de existencias, y con un archivo que no sirve.

# %%
folder = Path(tempfile.mkdtemp())
lines = [
    f"{d},{s},{k}"
    for d, s, k in zip(data.dates, data.sales[busiest], data.stock[busiest], strict=True)
]
(folder / "bueno.csv").write_text("\n".join(["fecha,ventas,existencias", *lines]), encoding="utf-8")
damaged = [line.replace(",", ",-", 1) if place == 9 else line for place, line in enumerate(lines)]
(folder / "malo.csv").write_text(
    "\n".join(["fecha,ventas,existencias", *damaged]), encoding="utf-8"
)
without_stock = {name: my_columns[name] for name in ("date", "sales")}
for name, columns in (
    ("bueno.csv", my_columns),
    ("bueno.csv", without_stock),
    ("malo.csv", my_columns),
):
    found = plan(folder / name, columns, my_costs, {})
    print(f"{name}, columnas {', '.join(columns.values())}:\n{found}\n")

# %% [markdown]
# Compara los dos pedidos: sin la columna de existencias, lo que se agotó no se ve, y el modelo cree que se vendió lo que se quería comprar. Es lo primero que hay que empezar a apuntar.
#
# ## Lo que hemos comprobado
#
# Estas dos celdas usan cosas de los tres ratos: si has reiniciado por el camino, ejecuta antes el cuaderno entero, que tarda un minuto.

# %% tags=["nbval-check-output"]
total = {name: table.sum() for name, table in paid.items()}
verify(
    claim("En promoción se esconde más demanda que los demás días", in_promotion / in_others, ">", 1.5),
    claim("La constante cuesta más que un modelo por serie", total["constante"] / total["uno por serie"], ">", 1.4),
    claim("Y más que la red", total["constante"] / total["red para todas"], ">", 1.4),
    claim("Sin saber de roturas, la red pide menos en promoción", order_ratio["en promoción"], "<", 1.0),
    claim("Quien sabe la verdad paga menos que la red", total["red para todas"] / floor, ">", 1.0),
)  # fmt: skip

# %% [markdown]
# Con las cadenas de la tabla, que no dependen de tu semilla:

# %% tags=["nbval-check-output"]
verify(
    claim("Al modelo por serie le conviene saber de roturas",
          gaps["uno por serie que sabe de roturas frente al que no"].high, "<", 0, kind="identidad"),
    claim("Y a la red", gaps["la red que sabe de roturas frente a la que no"].high, "<", 0, kind="identidad"),
    claim("Entre la red y uno por serie, con todos los artículos, no hay diferencia clara",
          gaps["la red frente a uno por serie"].is_clear, "==", False, kind="identidad"),
    claim("Con los nuevos, la red cuesta menos que ese modelo por serie", by_kind["nuevo"].high, "<", 0, kind="identidad"),
    claim("Y en frío, también", by_kind["en frío"].high, "<", 0, kind="identidad"),
    claim("Con los intermitentes, más", by_kind["intermitente"].low, ">", 0, kind="identidad"),
    claim("En los que se retiran, saber de roturas sale caro", aware_by_kind["cierre"].low, ">", 0, kind="identidad"),
)  # fmt: skip

# %% tags=["nbval-check-output"]
reference = inventory.weighted_rmsse(
    truth.demand[rows, days], last_week[rows], training=history, euros=moved
)
verify(
    claim("Tu error pesado es el del curso", abs(reference - mean_errors["la semana pasada"]), "<", 1e-9, kind="identidad"),
    claim("Tu pérdida censurada es la de Keras", loss_gap, "<", 1e-5, kind="identidad"),
    claim("Tus pedidos son los del curso, salvo una unidad de redondeo", order_gap, "<", 2, kind="identidad"),
    claim("Tu constante cuesta lo que la del curso", constant_gap, "<", 1e-6, kind="identidad"),
    claim("Ninguna constante mejora a la elegida a posteriori", total["constante"] - total["constante, a posteriori"], ">", -1e-6, kind="identidad"),
)  # fmt: skip

# %% [markdown]
# ## Qué entregar
#
# Una página para la dirección de las tiendas:
#
# 1. Cuántos euros cuesta equivocarse en ocho semanas con la red, con un modelo por serie y con una constante, y la diferencia entre ellas con su intervalo.
# 2. Con qué artículos falla cada una, y qué harías con los recién llegados las cuatro primeras semanas.
# 3. Qué **deben apuntar** desde mañana para que el año que viene se sepa más: qué se agotó, a qué hora.
# 4. Qué no se sabe todavía, y qué prueba en una tienda lo diría.
#
# ## Júzgate
#
# | | flojo | bien | muy bien |
# |---|---|---|---|
# | **Ventas y demanda** | son lo mismo | sabes que la rotura esconde demanda | lo mides, lo corriges en la red **y en el rival**, y dices qué no se puede saber |
# | **Rival** | repetir la semana pasada | un modelo por serie | uno con promociones, roturas y la familia de los datos |
# | **Medida** | un error en unidades | RMSSE con euros | además, euros de verdad, con los dos costes |
# | **Pedido** | la media | un cuantil para todo | el cuantil de cada artículo |
# | **Elegir** | con la prueba | con la validación | con la validación y en otras tiendas |
# | **Respuesta** | «la red gana» | con intervalo | por clases, con el arranque en frío aparte y lo que no se sabe |
#
# ## Qué probamos y qué dejamos
#
# - **Dividir entre el nivel, sin sumar uno.** Una venta suelta de un intermitente se convertía en un número enorme y mandaba en la pérdida.
# - **Redondear los pedidos hacia arriba.** A los intermitentes les pedía uno todos los días por un cuantil de dos centésimas.
# - **Quitar los días con rotura.** Son los de más demanda: lo que queda es una muestra torcida. La censura los aprovecha sin creérselos.
# - **El límite todos los días**, también los que no se agotaron, como pide la teoría (Powell, 1986). Por encima de lo que había, nada hace bajar a un cuantil que se ha pasado: la red acababa pidiendo muchísimo y costaba más que la que no sabe de roturas. Se probó
#   con una sola semilla.
# - **Un paso por día.** Cincuenta y seis pasos en lugar de ocho; se dejó por lo que cuesta, sin medir si aciertan más.
# - **Que la red dé una binomial negativa**, y maximizar la verosimilitud censurada, como el modelo por serie: no se probó. La red sería más pequeña y sabría de la familia lo que sabe su rival.
# - **La densa**: está en la tabla de la sección 10.
#
# ## Tres caminos para seguir
#
# 1. **Lo que sobra se guarda.** Aquí cada día empieza de cero. Haz que lo que sobra se venda al día siguiente, salvo lo fresco, y busca el mejor pedido. Ya no es el cuantil.
# 2. **Cerrar el círculo.** Deja que los pedidos de cada red sean las existencias de las ocho semanas siguientes, entrénala con lo que se venda y repite. ¿Cuánto se hunde la que no sabe de roturas?
# 3. **Un híbrido.** Dale a la red el pronóstico del modelo por serie, y que aprenda solo a corregirlo.
#
# ## Resumen
#
# - Lo vendido un día con rotura es un dato **censurado**: la demanda fue esa o más.
# - **RMSSE con euros**: cada serie con su escala y con el peso de lo que mueve.
# - La pérdida del cuantil **censurada** compara con el menor del cuantil y lo que había.
# - El pedido es el cuantil de la **razón crítica**, y cada artículo tiene la suya.
# - Se compara en **euros**, con la constante debajo y con quien sabe la verdad encima.
#
# **Qué no hemos demostrado.** Nada sobre tiendas de verdad: las ventas son generadas, de una familia que el modelo por serie conoce, sin artículos que se sustituyan, sin precios que cambien y con roturas que se apuntan siempre. Nada frente a un modelo por serie con curva de lanzamiento, ni a los de intermitentes, ni con más vueltas de entrenamiento. Las series de la M3
# no son ventas ni tienen ceros.
#
# ## Errores frecuentes
#
# - Entrenar con ventas y llamarlo demanda.
# - Dar a la red un arreglo que el rival no tiene.
# - Pedir la media.
# - Redondear hacia arriba lo que casi siempre es cero.
# - Escalar a un recién llegado con una historia que no tiene.
# - Elegir la mejor constante con las semanas que se puntúan y llamarla política.
# - Comparar un MASE con otro sin mirar entre qué dividen.
#
# ## Para saber más
#
# - J. D. Croston (1972), *Forecasting and stock control for intermittent demands*, Operational Research Quarterly 23.
# - K. J. Arrow, T. Harris y J. Marschak (1951), *Optimal inventory policy*, Econometrica 19: el pedido que es un cuantil.
# - J. L. Powell (1986), *Censored regression quantiles*, Journal of Econometrics 32.
# - S. Makridakis y M. Hibon (2000), *The M3-Competition: results, conclusions and implications*, International Journal of Forecasting 16.
# - S. Makridakis, E. Spiliotis y V. Assimakopoulos (2022), *M5 accuracy competition: results, findings, and conclusions*, International Journal of Forecasting 38.
# - S. Smyl (2020), *A hybrid method of exponential smoothing and recurrent neural networks for time series forecasting*, International Journal of Forecasting 36.
# - R. H. Teunter, A. A. Syntetos y M. Z. Babai (2011), *Intermittent demand: linking forecasting to inventory obsolescence*, European Journal of Operational Research 214.
#
# **Siguiente**: [53 · Música](53_musica.ipynb).
