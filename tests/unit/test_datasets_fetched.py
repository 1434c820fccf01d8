"""Los datos que se descargan: la primera vez, enteros y verificados, o nada."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import tarfile
import zipfile

import numpy as np
import pytest

from course_utils import datasets
from course_utils.downloads import DownloadError
from tests.unit.data_copy import edit_registry, read_from_a_copy
from tests.unit.local_server import misbehaving_server


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """Una copia de datasets/ cuyo registro se puede cambiar y que es la que se lee."""
    return read_from_a_copy(tmp_path, monkeypatch)


def npz_bytes(**arrays: np.ndarray) -> bytes:
    """Un npz en memoria."""
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def small_imdb() -> bytes:
    """Un archivo construido como el de IMDB: listas en arrays de objetos."""
    reviews = np.empty(3, dtype=object)
    reviews[:] = [[1, 5, 300], [7], [70000, 2]]
    labels = np.array([1, 0, 1])
    return npz_bytes(x_train=reviews, y_train=labels, x_test=reviews[:2], y_test=labels[:2])


def small_mnist() -> bytes:
    """Un archivo construido como el de MNIST: enteros de un byte."""
    images, labels = np.arange(3 * 784, dtype=np.uint8).reshape(3, 28, 28), np.array([5, 0, 4])
    labels = labels.astype(np.uint8)
    return npz_bytes(x_train=images, y_train=labels, x_test=images[:1], y_test=labels[:1])


@pytest.fixture
def home(tmp_path, monkeypatch):
    """La carpeta personal del curso, vacía y sin crear."""
    folder = tmp_path / "mi casa"
    monkeypatch.setenv("CURSO_HOME", str(folder))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr("pooch.core.time.sleep", lambda seconds: None)  # sin pausas
    return folder


@pytest.fixture
def publish(copy, home):
    """Sirve un contenido en un servidor local y lo registra en lugar del verdadero."""
    servers = []

    def start(name: str, content: bytes, *, served: bytes | None = None):
        server = misbehaving_server(content if served is None else served)
        servers.append(server)
        running = server.__enter__()
        entry = datasets.registry()[name]
        edit_registry(copy, entry["url"], running.url)
        edit_registry(copy, entry["sha256"], hashlib.sha256(content).hexdigest())
        return running

    yield start
    for server in servers:
        server.__exit__(None, None, None)


def test_published_hashes_and_addresses():
    """Los que publica Keras para los archivos del almacén de TensorFlow; el último, extraído."""
    bucket = "https://storage.googleapis.com/tensorflow/tf-keras-datasets"
    pinned = {
        name: (entry["url"], entry["sha256"])
        for name, entry in datasets.registry().items()
        if "url" in entry
    }
    assert pinned == {
        "imdb": (
            f"{bucket}/imdb.npz",
            "69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f",
        ),
        "mnist": (
            f"{bucket}/mnist.npz",
            "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1",
        ),
        "sentence_pairs": (
            "https://storage.googleapis.com/download.tensorflow.org/data/spa-eng.zip",
            "6ec60e212f812ee3430f7568ea6f33b6fb080e32193c5952e8da0ee8ba45574c",
        ),
        "spoken_digits": (
            "https://github.com/Jakobovski/free-spoken-digit-dataset/archive/v1.0.9.tar.gz",
            "8bc44cde129d505cbbb6b365c09f80c663f2aa77578afc634e6141a2f87100c0",
        ),
    }


def test_imdb_end_to_end(publish, home, capsys):
    """Se descarga una vez, se guarda en la carpeta personal y se lee sin ejecutar nada."""
    server = publish("imdb", small_imdb())
    reviews = datasets.load_imdb()
    assert capsys.readouterr().out == (
        f"Descargando imdb.npz (unos 17 MB) en {home / 'datasets'}…\n"
    )
    assert [x.tolist() for x in reviews.x_train] == [[1, 5, 300], [7], [70000, 2]]
    assert [x.tolist() for x in reviews.x_test] == [[1, 5, 300], [7]]
    assert reviews.y_train.tolist() == [1, 0, 1]
    assert reviews.y_test.dtype == np.int64
    datasets.load_imdb()
    assert capsys.readouterr().out == ""
    assert len(server.requests) == 1
    assert [path.name for path in (home / "datasets").iterdir()] == ["imdb.npz"]


def test_mnist_end_to_end(publish):
    """Imágenes de un byte y etiquetas enteras, listas para indexar."""
    publish("mnist", small_mnist())
    mnist = datasets.load_mnist()
    assert mnist.x_train.shape == (3, 28, 28)
    assert mnist.x_train.dtype == np.uint8
    assert mnist.y_train.tolist() == [5, 0, 4]
    assert mnist.y_test.dtype == np.int64
    assert mnist.x_train.flags.writeable


def test_mnist_with_pickled_objects_is_refused(publish):
    """MNIST no necesita objetos: si los hubiera, no se leen, ni con el sha256 correcto."""
    publish("mnist", small_imdb())
    with pytest.raises(ValueError, match="allow_pickle=False"):
        datasets.load_mnist()


def test_a_hostile_imdb_is_refused(publish, tmp_path):
    """Aunque alguien cambiara a la vez el archivo y el registro, no se ejecuta nada."""

    class Trap:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "ejecutado"),)

    reviews = np.empty(1, dtype=object)
    reviews[0] = [Trap()]
    publish("imdb", npz_bytes(x_train=reviews, y_train=np.array([1])))
    with pytest.raises(ValueError, match=r"pide usar .*mkdir"):
        datasets.load_imdb()
    assert not (tmp_path / "ejecutado").exists()


def test_a_stored_copy_is_verified_on_every_load(publish, home):
    """Un byte cambiado en lo ya descargado no se lee: se descarga de nuevo."""
    server = publish("imdb", small_imdb())
    datasets.load_imdb()
    path = home / "datasets" / "imdb.npz"
    content = bytearray(path.read_bytes())
    content[200] ^= 1
    path.write_bytes(content)
    assert len(datasets.load_imdb().x_train) == 3
    assert len(server.requests) == 2
    assert path.read_bytes() == small_imdb()


def test_a_server_that_fails_is_explained_and_the_next_try_works(publish, home):
    """El error llega entero a quien llama a load_mnist, y después todo funciona."""
    server = publish("mnist", small_mnist())
    server.script = [404] * 3
    with pytest.raises(DownloadError, match="error 404"):
        datasets.load_mnist()
    assert list((home / "datasets").iterdir()) == []
    assert len(datasets.load_mnist().x_train) == 3


PAIRS = "Go.\tVe.\nGo.\tVete.\nMorning!\t¡Buenos días, señor Núñez!\n".encode()


def zip_bytes(**members: bytes) -> bytes:
    """Un zip en memoria, con unos archivos dentro de ``spa-eng/``."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(f"spa-eng/{name}.txt", content)
    return file.getvalue()


def recordings(*names: str, rate: int = 8_000) -> bytes:
    """Un archivo como el de las cifras dichas: WAV en recordings/ y otras cosas alrededor."""
    from scipy.io import wavfile

    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        for name in (*names, "LEEME.md", "otra/7_ana_0.wav"):
            sound = io.BytesIO()
            channels = np.full((9, 2), 3, np.int16) if "dos" in name else np.full(5, 3, np.int16)
            wavfile.write(sound, rate, channels)
            member = tarfile.TarInfo(f"fsdd-1.0.9/{name}")
            member.size = len(sound.getvalue())
            archive.addfile(member, io.BytesIO(sound.getvalue()))
    return file.getvalue()


def test_spoken_digits_end_to_end(publish, home, tmp_path):
    """Se descargan, se leen sin extraerlas y en orden; y también de un archivo que ya se tiene."""
    content = recordings(
        "recordings/3_luis_10.wav", "recordings/3_luis_2.wav", "recordings/1_dos_0.wav",
        "recordings/x_luis_2.wav",
    )  # fmt: skip
    server = publish("spoken_digits", content)
    spoken = datasets.load_spoken_digits()
    assert spoken.speakers.tolist() == ["dos", "luis", "luis"]
    assert (spoken.digits.tolist(), spoken.takes.tolist()) == ([1, 3, 3], [0, 2, 10])
    assert [len(one) for one in spoken.samples] == [9, 5, 5]
    path = tmp_path / "v1.0.9.tar.gz"
    path.write_bytes(content)
    assert datasets.load_spoken_digits(path).takes.tolist() == [0, 2, 10]
    assert len(server.requests) == 1
    path.write_bytes(content + b"?")
    with pytest.raises(datasets.DatasetError, match=r"la versión 1\.0\.9"):
        datasets.load_spoken_digits(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (recordings(), "ninguna grabación"),
        (recordings("recordings/3_luis_1.wav", rate=16_000), "va a 16000"),
    ],
)
def test_recordings_that_are_not_the_promised_ones(publish, content, message):
    publish("spoken_digits", content)
    with pytest.raises(ValueError, match=message):
        datasets.load_spoken_digits()


def test_sentence_pairs_end_to_end(publish, home, capsys):
    """Se descarga el zip, se guarda solo el archivo de dentro y, después, no se toca la red."""
    server = publish("sentence_pairs", PAIRS, served=zip_bytes(_about=b"?", spa=PAIRS))
    pairs = datasets.load_sentence_pairs()
    assert capsys.readouterr().out == (
        f"Descargando spa-eng.txt (unos 3 MB) en {home / 'datasets'}…\n"
    )
    assert pairs.english == ["Go.", "Go.", "Morning!"]
    assert pairs.spanish == ["Ve.", "Vete.", "¡Buenos días, señor Núñez!"]
    assert datasets.load_sentence_pairs() == pairs
    assert len(server.requests) == 1
    assert [path.name for path in (home / "datasets").iterdir()] == ["spa-eng.txt"]
    assert (home / "datasets" / "spa-eng.txt").read_bytes() == PAIRS


@pytest.mark.parametrize(
    "served",
    [PAIRS, zip_bytes(spa=PAIRS + b"!"), zip_bytes(fra=PAIRS), zip_bytes(spa=PAIRS)[:-30], b""],
    ids=["sin comprimir", "otro texto", "otro nombre", "cortado", "vacío"],
)
def test_a_zip_that_is_not_the_expected_one_leaves_nothing(publish, home, served):
    """Ni el zip ni lo de dentro, aunque el zip esté bien: lo que se verifica es el texto."""
    server = publish("sentence_pairs", PAIRS, served=served)
    with pytest.raises(DownloadError, match="no es el archivo esperado") as caught:
        datasets.load_sentence_pairs()
    assert "guarda spa-eng/spa.txt, que está dentro, como" in str(caught.value)
    assert len(server.requests) == 3
    assert list((home / "datasets").iterdir()) == []


def test_a_zip_cut_on_the_way_is_asked_for_again(publish):
    """El intento siguiente lo arregla."""
    server = publish("sentence_pairs", PAIRS, served=zip_bytes(spa=PAIRS))
    server.script = ["flip", "short", "ok"]
    assert len(datasets.load_sentence_pairs().english) == 3
    assert len(server.requests) == 3


@pytest.mark.parametrize(
    ("name", "write"), [("spa.txt", bytes), ("spa.tsv.gz", gzip.compress)], ids=["texto", "gzip"]
)
def test_sentence_pairs_already_here(publish, home, tmp_path, name, write):
    """Con ``path`` no se descarga nada, y también se verifica."""
    server = publish("sentence_pairs", PAIRS)
    path = tmp_path / name
    path.write_bytes(write(PAIRS))
    assert datasets.load_sentence_pairs(path).spanish[1] == "Vete."
    path.write_bytes(write(PAIRS[1:]))
    with pytest.raises(
        datasets.DatasetError, match=r"no es el registrado.* Pasa el archivo de dentro"
    ):
        datasets.load_sentence_pairs(str(path))
    with pytest.raises(FileNotFoundError):
        datasets.load_sentence_pairs(tmp_path / "otro.txt")
    assert not server.requests
    assert not home.exists()


def test_a_home_that_cannot_be_written(publish, home):
    """Si la carpeta personal no sirve, se dice cómo elegir otra."""
    publish("mnist", small_mnist())
    home.write_text("no soy una carpeta")
    with pytest.raises(DownloadError, match="CURSO_HOME"):
        datasets.load_mnist()
    home.unlink()
    assert len(datasets.load_mnist().x_train) == 3


@pytest.mark.parametrize("name", ["co2", "digits", "cifar", None])
def test_fetch_knows_what_can_be_downloaded(name):
    """Los demás nombres dicen cuáles valen."""
    with pytest.raises(ValueError, match=r"se descarga \('imdb', 'mnist', .*\); ha"):
        datasets.fetch(name)
