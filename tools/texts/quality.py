"""Lo que los textos escritos para el curso tienen que cumplir, y cómo se mide.

``python -m tools.texts.quality`` imprime las medidas; ``tools/make_datasets.py`` y las pruebas
exigen los límites. Qué aprenden de ellos unos modelos sencillos lo mide ``tools.texts.models``.
"""

from __future__ import annotations

import csv
import io
import itertools
import lzma
import re
import unicodedata
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COLUMNS = ["text", "label", "domain", "kind", "split"]
LABELS = ("positiva", "negativa")
KINDS = ("directa", "negación", "contraste", "ironía")
SPLITS = ("train", "validation", "test")
MAX_REPEATED = 0.01  # parte de las secuencias de ocho palabras que aparecen más de una vez
MAX_ALIKE = 0.5  # semejanza de Jaccard, en grupos de tres palabras, entre dos textos
MAX_OPENING = 0.03  # parte de los textos que empiezan por las mismas dos palabras


def words(text: str) -> list[str]:
    """Palabras de un texto, en minúsculas.

    Examples
    --------
    >>> words("—¿Qué? —dijo Ana.")
    ['qué', 'dijo', 'ana']
    """
    return re.findall(r"[^\W\d_]+", text.lower())


def runs(text: str, length: int) -> list[tuple[str, ...]]:
    """Secuencias de ``length`` palabras seguidas."""
    found = words(text)
    return [tuple(found[i : i + length]) for i in range(len(found) - length + 1)]


def repeated_share(texts: list[str], *, length: int = 8) -> float:
    """Parte de las secuencias distintas de ``length`` palabras que aparecen más de una vez."""
    counts = Counter(run for text in texts for run in runs(text, length))
    return sum(count > 1 for count in counts.values()) / len(counts)


def most_alike(texts: list[str], *, length: int = 3) -> float:
    """Mayor semejanza de Jaccard entre dos textos, en secuencias de ``length`` palabras."""
    sets = [set(runs(text, length)) for text in texts]
    pairs = itertools.combinations(sets, 2)
    return max(len(one & other) / (len(one | other) or 1) for one, other in pairs)


def commonest_opening(texts: list[str], *, length: int = 2) -> tuple[str, float]:
    """Comienzo más repetido y qué parte de los textos lo lleva."""
    counts = Counter(" ".join(words(text)[:length]) for text in texts)
    opening, count = counts.most_common(1)[0]
    return opening, count / len(texts)


def commonest_ending(texts: list[str], *, length: int = 2) -> tuple[str, float]:
    """Final más repetido y qué parte de los textos lo lleva."""
    counts = Counter(" ".join(words(text)[-length:]) for text in texts)
    ending, count = counts.most_common(1)[0]
    return ending, count / len(texts)


def forms_to_cover(texts: list[str], share: float) -> int:
    """Cuántas formas distintas, las más frecuentes, cubren una parte de las palabras."""
    counts = Counter(word for text in texts for word in words(text))
    needed = share * sum(counts.values())
    total = itertools.accumulate(count for _, count in counts.most_common())
    return next(place for place, seen in enumerate(total, start=1) if seen >= needed)


def compression_ratio(text: str) -> float:
    """Bytes comprimidos con xz entre bytes sin comprimir."""
    content = text.encode()
    return len(lzma.compress(content)) / len(content)


def read_stories(content: str) -> list[str]:
    """Cuentos de un archivo en el que los separa una línea en blanco."""
    return content.strip().split("\n\n")


def read_reviews(content: str) -> list[dict[str, str]]:
    """Filas de un CSV de reseñas."""
    return list(csv.DictReader(io.StringIO(content)))


def story_problems(content: str) -> list[str]:
    """Lo que no cumplen los cuentos."""
    stories = read_stories(content)
    problems = _text_problems(content, stories)
    if len(stories) < 350 or len(content) < 180_000:
        problems.append(f"hay {len(stories)} cuentos y {len(content)} caracteres: son pocos")
    for story in stories:
        if not 400 <= len(story) <= 700:
            problems.append(f"«{story[:30]}…» tiene {len(story)} caracteres; de 400 a 700")
    return problems


def review_problems(content: str) -> list[str]:
    """Lo que no cumplen las reseñas."""
    rows = read_reviews(content)
    if not rows or list(rows[0]) != COLUMNS:
        return [f"las columnas deben ser {', '.join(COLUMNS)}"]
    problems = _text_problems(content, [row["text"] for row in rows])
    if len(rows) < 800:
        problems.append(f"hay {len(rows)} reseñas; al menos 800")
    for column, allowed in (("label", LABELS), ("kind", KINDS), ("split", SPLITS)):
        if strange := {row[column] for row in rows} - set(allowed):
            problems.append(f"valores extraños en {column}: {', '.join(sorted(strange))}")
    for row in rows:
        if not 15 <= len(row["text"].split()) <= 60:
            problems.append(f"«{row['text'][:30]}…» no tiene entre 15 y 60 palabras")
    balance = Counter((row["domain"], row["label"]) for row in rows)
    for domain in {row["domain"] for row in rows}:
        if balance[domain, LABELS[0]] != balance[domain, LABELS[1]]:
            problems.append(f"las etiquetas de {domain} no están equilibradas")
    if sum(row["kind"] != "directa" for row in rows) < len(rows) / 3:
        problems.append("menos de un tercio engañan a una bolsa de palabras")
    return problems


def _text_problems(content: str, texts: list[str]) -> list[str]:
    """Lo que se exige a cualquier colección de textos."""
    problems = []
    if not unicodedata.is_normalized("NFC", content):
        problems.append("hay letras que no están en forma NFC")
    share = repeated_share(texts)
    if share > MAX_REPEATED:
        problems.append(f"se repite el {share:.1%} de las secuencias de ocho palabras")
    alike = most_alike(texts)
    if alike > MAX_ALIKE:
        problems.append(f"hay dos textos con semejanza {alike:.2f}")
    opening, share = commonest_opening(texts)
    if share > MAX_OPENING:
        problems.append(f"el {share:.1%} empieza por «{opening}»")
    return problems


def print_measures() -> None:
    """Imprime las medidas de los dos archivos."""
    content = (ROOT / "datasets" / "cuentos.txt").read_text(encoding="utf-8")
    stories = read_stories(content)
    opening, opening_share = commonest_opening(stories)
    ending, ending_share = commonest_ending(stories)
    print(f"cuentos: {len(stories)}, caracteres: {len(content)}, símbolos: {len(set(content))}")
    print(
        f"palabras: {sum(len(words(s)) for s in stories)}, formas: {forms_to_cover(stories, 1.0)}"
    )
    for share in (0.8, 0.9, 0.95):
        print(f"  formas que cubren el {share:.0%}: {forms_to_cover(stories, share)}")
    print(f"secuencias de ocho palabras repetidas: {repeated_share(stories):.3%}")
    print(f"mayor semejanza entre dos cuentos: {most_alike(stories):.3f}")
    print(f"comienzo más repetido: «{opening}», {opening_share:.1%}")
    print(f"final más repetido: «{ending}», {ending_share:.1%}")
    prose = _course_prose()
    size = min(len(prose), len(content))
    ratios = compression_ratio(content[:size]), compression_ratio(prose[:size])
    print(f"xz, {size} caracteres: cuentos {ratios[0]:.3f}, textos del curso {ratios[1]:.3f}")
    rows = read_reviews((ROOT / "datasets" / "resenas.csv").read_text(encoding="utf-8"))
    texts = [row["text"] for row in rows]
    print(f"\nreseñas: {len(rows)}")
    for column in ("label", "domain", "kind", "split"):
        print(f"  {column}: {dict(Counter(row[column] for row in rows))}")
    print(f"secuencias de ocho palabras repetidas: {repeated_share(texts):.3%}")
    print(f"mayor semejanza entre dos reseñas: {most_alike(texts):.3f}")


def _course_prose() -> str:
    """Texto corriente en español con el que comparar: el de las lecciones y los documentos."""
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "datasets" / "README.md"]
    lessons = sorted((ROOT / "notebooks" / "source").glob("*.py"))
    prose = [page.read_text(encoding="utf-8") for page in pages]
    for lesson in lessons:
        lines = lesson.read_text(encoding="utf-8").splitlines()
        prose += [line[2:] for line in lines if line.startswith("# ") and "%%" not in line]
    return "\n".join(prose)


if __name__ == "__main__":
    print_measures()
