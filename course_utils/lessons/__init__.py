"""Una carpeta por lección, con lo que solo usa ella: ejercicios, figuras y experimento.

Ninguna lección importa otra, y ninguna habitación de ``course_utils`` importa una lección; lo que
dos lecciones necesitan está en una habitación. El motor de los ejercicios las busca por su número.
"""
