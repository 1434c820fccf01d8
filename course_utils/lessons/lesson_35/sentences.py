"""Frases en inglés y en español escritas para el curso: con ellas se ve qué traduce la red.

Se fijaron antes de entrenar. Las de verdad, con las que se entrena y se mide, no se distribuyen.
"""

# La del mapa de atención: sus adjetivos cambian de sitio al pasar de un idioma a otro.
MAP_SENTENCE = "My little sister wants a red bicycle for her birthday."

# spelling: off
OWN = (
    ("Frogs sing.", "Las ranas cantan."),
    ("Water the garden.", "Riega el jardín."),
    ("I'm cold.", "Tengo frío."),
    ("She forgot.", "Se le olvidó."),
    ("Where's the blue cup?", "¿Dónde está la taza azul?"),
    ("The soup is salty.", "La sopa está salada."),
    ("They live upstairs.", "Viven en el piso de arriba."),
    ("Nobody opened the red box.", "Nadie abrió la caja roja."),
    ("I bought three oranges.", "Compré tres naranjas."),
    ("Is your grandmother well?", "¿Está bien tu abuela?"),
    ("He never wears a hat.", "Nunca lleva sombrero."),
    ("The train left without us.", "El tren se fue sin nosotros."),
    ("My brother plays the violin.", "Mi hermano toca el violín."),
    ("Please close the small window.", "Cierra la ventana pequeña, por favor."),
    ("Did you sleep well yesterday?", "¿Dormiste bien ayer?"),
    ("I don't remember his name.", "No recuerdo su nombre."),
    ("The children are very tired today.", "Los niños están muy cansados hoy."),
    ("We should buy some more bread.", "Deberíamos comprar más pan."),
    ("She works in a big hospital.", "Trabaja en un hospital grande."),
    ("How many books have you read?", "¿Cuántos libros has leído?"),
    ("I left my keys at home.", "Me dejé las llaves en casa."),
    ("This coffee is too hot to drink.", "Este café está demasiado caliente para beberlo."),
    ("My aunt taught me how to paint.", "Mi tía me enseñó a pintar."),
    ("There are two cats on the roof.", "Hay dos gatos en el tejado."),
    ("He asked me why I was crying.", "Me preguntó por qué lloraba."),
    ("The old man was reading a newspaper.", "El anciano leía un periódico."),
    ("I will call you when I arrive.", "Te llamaré cuando llegue."),
    (
        "It rained all night and the street was wet.",
        "Llovió toda la noche y la calle estaba mojada.",
    ),
    ("I want to learn a new language this year.", "Quiero aprender un idioma nuevo este año."),
    ("She put the white flowers on the table.", "Puso las flores blancas en la mesa."),
    ("We have to leave before it gets dark.", "Tenemos que irnos antes de que anochezca."),
    (
        "The teacher said that the exam would be easy.",
        "El profesor dijo que el examen sería fácil.",
    ),
    (
        "If you are hungry, there is cheese in the kitchen.",
        "Si tienes hambre, hay queso en la cocina.",
    ),
    (MAP_SENTENCE, "Mi hermana pequeña quiere una bicicleta roja para su cumpleaños."),
    (
        "He couldn't come to the party because he was sick.",
        "No pudo venir a la fiesta porque estaba enfermo.",
    ),
    (
        "The woman who lives next door is a good doctor.",
        "La mujer que vive al lado es una buena médica.",
    ),
    (
        "I have never seen such a beautiful beach in my life.",
        "Nunca he visto una playa tan bonita en mi vida.",
    ),
    ("My friends and I used to play in this park.", "Mis amigos y yo jugábamos en este parque."),
    (
        "When I was young, I wanted to be a famous singer.",
        "De joven quería ser un cantante famoso.",
    ),
    (
        "The black dog ran across the street and disappeared.",
        "El perro negro cruzó la calle corriendo y desapareció.",
    ),
)
# spelling: on
