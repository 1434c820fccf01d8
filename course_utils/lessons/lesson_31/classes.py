"""Clases de palabras: con qué se juzga si unos vectores juntan lo que va junto.

Se escribieron mirando qué palabras salen cinco veces o más en los cuentos, antes de entrenar nada:
son de gramática (tiempos de verbo, preposiciones) o de significado (la familia,
los colores).
"""

from __future__ import annotations

CLASSES = {
    "infinitivos": """
        hacer llegar ver dormir dar saber volver comer hablar decir llorar pasar mirar caer
        correr salir pensar leer contar parar abrir tocar buscar esperar contestar reír
        venir jugar oír andar entender escribir cerrar dejar vender bailar robar
    """.split(),
    "pretéritos": """
        puso llegó preguntó dio miró quedó vio volvió abrió salió dejó encontró sentó llevó
        bajó oyó tocó pidió subió pasó levantó entró hizo buscó siguió quiso contó empezó
        gritó sacó tomó pensó tuvo metió cayó contestó quitó acercó probó leyó esperó movió
        echó
    """.split(),
    "imperfectos": """
        tenía estaba hacía iba quería sabía decía daba llevaba miraba podía quedaba vivía
        salía esperaba veía pasaba oía faltaba comía dormía volvía venía contaba pensaba
        abría llamaba parecía traía movía guardaba leía vendía
    """.split(),
    "pretéritos plurales": """
        fueron salieron pusieron miraron pasaron siguieron llegaron dieron quedaron
        encontraron dijeron rieron trajeron llevaron discutieron volvieron vieron cayeron
    """.split(),
    "números": """
        dos tres cuatro cinco seis siete ocho nueve diez once doce veinte treinta cuarenta
        cincuenta setenta ochenta noventa cien mil ciento doscientos
    """.split(),
    "familia": """
        padre madre abuela abuelo hermano hermana papá mamá hija hijo hijos hermanos tía tío
        primo primos nieta nieto bisabuela
    """.split(),
    "nombres": """
        anselmo pilar fermín julián matilde mateo simón eulalia jimena marta josé nelson
        beto elías paulina kiko teresa macario ramiro jacinta camila bruno nilda abel ramón
        inés braulio fermina sabina cosme wilmer tobías ainara samuel tomás rubén
    """.split(),
    "días": "lunes martes jueves viernes sábado domingo".split(),
    "colores": "azul verde rojo roja blanco blanca negro negra gris amarillo".split(),
    "la casa": """
        puerta ventana mesa silla cama pared suelo techo cocina escalera balcón patio cajón
        armario lámpara espejo
    """.split(),
    "el cuerpo": """
        mano manos ojos nariz pie pies cabeza cara boca pelo brazos orejas dedo rodillas
        dientes brazo barriga oreja espalda dedos
    """.split(),
    "animales": """
        perro caballo león gato gata burro vaca zorro gallina ballena cabra ovejas pájaro
        ratón perros peces
    """.split(),
    "la comida": """
        pan leche sal café pescado sopa torta arroz harina huevos naranjas tomates maíz
        lechugas
    """.split(),
    "preposiciones": """
        de en a con por para sin sobre desde hasta entre contra hacia durante
    """.split(),
    "determinantes": """
        la el un una los las unos unas este esta ese esa aquel aquella su sus mi tu
    """.split(),
    "interrogativos": "qué quién dónde cómo cuál adónde".split(),
    "oficios": """
        cartero panadero maestra director alcalde cura médico juez portero cocinera profesor
        capitán rey chofer lechero vendedor maestro ladrón
    """.split(),
    "el cielo y el tiempo": """
        sol luna viento lluvia nieve cielo niebla estrella tormenta aguacero frío calor
    """.split(),
}
