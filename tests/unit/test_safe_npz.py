"""El lector de ``.npz`` acepta lo que guarda IMDB y rechaza, sin ejecutarlo, todo lo demás."""

from __future__ import annotations

import io
import os
import pickle
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_utils.safe_npz import read_npz

LISTS = [[1, 14, 22, 16], [], [2**31 - 1], [300, 70000, 5]]


def ragged(lists: list) -> np.ndarray:
    """Array de objetos con una lista en cada casilla, como los de IMDB."""
    array = np.empty(len(lists), dtype=object)
    array[:] = lists
    return array


def npz(stream: bytes, *, shape: tuple = (4,), descr: str = "|O") -> bytes:
    """Un ``.npz`` con un único ``x.npy`` cuya cabecera anuncia objetos."""
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"descr": descr, "fortran_order": False, "shape": shape}
    )
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("x.npy", header.getvalue() + stream)
    return file.getvalue()


def assert_same_lists(found: list, expected: list) -> None:
    """Mismas longitudes y valores, como arrays int32."""
    assert [array.tolist() for array in found] == expected
    assert all(array.dtype == np.int32 and array.flags.writeable for array in found)


def test_a_file_built_as_imdb():
    """Cuatro arrays guardados con savez, dos de ellos de listas."""
    file = io.BytesIO()
    np.savez(
        file,
        x_train=ragged(LISTS),
        x_test=ragged(LISTS[::-1]),
        y_train=np.array([0, 1, 1, 0]),
        y_test=np.array([1, 0, 1, 0]),
    )
    arrays = read_npz(file.getvalue())
    assert_same_lists(arrays["x_train"], LISTS)
    assert_same_lists(arrays["x_test"], LISTS[::-1])
    np.testing.assert_array_equal(arrays["y_train"], [0, 1, 1, 0])
    assert sorted(arrays) == ["x_test", "x_train", "y_test", "y_train"]


@pytest.mark.parametrize("protocol", [3, 4, 5])
@pytest.mark.parametrize("package", ["numpy.core", "numpy._core"])
def test_both_spellings_and_every_protocol(protocol, package):
    """El archivo publicado se escribió con NumPy 1, que nombra de otro modo la misma función."""
    stream = pickle.dumps(ragged(LISTS), protocol=protocol)
    for name in ("numpy.core.multiarray", "numpy._core.multiarray"):
        wanted = f"{package}.multiarray"
        if protocol == 3:  # c<módulo>\n<nombre>\n
            stream = stream.replace(f"c{name}\n".encode(), f"c{wanted}\n".encode())
        elif name.encode() in stream and name != wanted:
            old, new = (b"\x8c" + bytes([len(n)]) + n.encode() for n in (name, wanted))
            stream = _set_frame_length(stream.replace(old, new))
    assert f"{package}.multiarray".encode() in stream
    assert_same_lists(read_npz(npz(stream))["x"], LISTS)


def _set_frame_length(stream: bytes) -> bytes:
    """Vuelve a escribir la longitud del primer marco de los protocolos 4 y 5."""
    return stream[:3] + struct.pack("<Q", len(stream) - 11) + stream[11:]


def test_a_file_written_by_python_2():
    """Protocolo 2 con textos de Python 2, por si el archivo publicado fuera tan antiguo."""
    stream = (
        b"\x80\x02cnumpy.core.multiarray\n_reconstruct\nq\x01cnumpy\nndarray\nq\x02K\x00\x85q\x03"
        b"U\x01bq\x04\x87q\x05Rq\x06(K\x01K\x02\x85q\x07cnumpy\ndtype\nq\x08U\x02O8q\tK\x00K\x01"
        b"\x87q\nRq\x0b(K\x03U\x01|q\x0cNNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK?tq\rb\x89]q\x0e("
        b"]q\x0f(K\x01M,\x01e]q\x10K\x07aetq\x11b."
    )
    assert_same_lists(read_npz(npz(stream, shape=(2,)))["x"], [[1, 300], [7]])


@given(st.lists(st.lists(st.integers(0, 2**31 - 1), max_size=8), max_size=8))
@settings(max_examples=50, deadline=None)
def test_what_is_written_is_read(lists):
    """Cualquier lista de listas de enteros vuelve igual."""
    file = io.BytesIO()
    np.savez_compressed(file, x=ragged(lists))
    assert_same_lists(read_npz(file.getvalue())["x"], lists)


class Call:
    """Al leerlo con un lector corriente, llama a una función."""

    def __init__(self, function: object, *args: object) -> None:
        self.call = (function, args)

    def __reduce__(self) -> tuple:
        return self.call


def mark(path: Path) -> str:
    """Orden que deja un archivo si alguien la ejecuta."""
    return f"\"{sys.executable}\" -c \"open(r'{path}', 'w')\""


@pytest.mark.parametrize(
    "hide",
    [
        lambda trap: trap,
        lambda trap: ragged([trap]),
        lambda trap: ragged([[1, 2], [trap]]),
        lambda trap: ragged([[1], [[[trap]]]]),
        lambda trap: [[1], trap],
        lambda trap: {"x": trap},
        lambda trap: ragged([(1, trap)]),
    ],
    ids=["suelta", "elemento", "en lista", "muy anidada", "sin array", "dict", "tupla"],
)
@pytest.mark.parametrize("protocol", [2, 4])
def test_a_command_is_never_run(tmp_path, hide, protocol):
    """La misma trampa que un lector corriente ejecuta aquí se rechaza, esté donde esté."""
    witness = tmp_path / "ejecutado"
    stream = pickle.dumps(hide(Call(os.system, mark(witness))), protocol=protocol)
    with pytest.raises(ValueError, match="solo números o listas de enteros"):
        read_npz(npz(stream))
    assert not witness.exists()


def test_the_trap_is_real(tmp_path):
    """Un lector corriente sí la ejecuta: las pruebas de arriba no pasan por inofensivas."""
    witness = tmp_path / "ejecutado"
    (tmp_path / "x.npz").write_bytes(npz(pickle.dumps(Call(os.system, mark(witness)))))
    code = "import numpy, sys; numpy.load(sys.argv[1], allow_pickle=True)['x']"
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "x.npz")], check=False)
    assert witness.exists()


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("os", "system"),
        ("posix", "system"),
        ("subprocess", "Popen"),
        ("builtins", "eval"),
        ("builtins", "getattr"),
        ("numpy", "load"),
        ("numpy", "memmap"),
        ("numpy", "fromfile"),
        ("numpy.core.multiarray", "scalar"),
        ("numpy._core.multiarray", "fromfile"),
        ("numpy.core.multiarray", "_reconstruct.__globals__"),
        ("numpy", "ndarray.tofile"),
        ("numpy.testing._private.utils", "runstring"),
        ("numpy.f2py.diagnose", "run_command"),
        ("_codecs", "encode"),
        ("course_utils.safe_npz", "read_npz"),
    ],
)
def test_only_three_names_are_allowed(module, name):
    """También se rechaza lo que NumPy ofrece para leer o escribir archivos."""
    for stream in (
        f"c{module}\n{name}\n(Vdato\ntR.".encode(),
        b"\x80\x04\x8c" + bytes([len(module)]) + module.encode()
        + b"\x8c" + bytes([len(name)]) + name.encode() + b"\x93\x8c\x04dato\x85R.",
    ):  # fmt: skip
        with pytest.raises(ValueError, match=f"pide usar {module}.{name}"):
            read_npz(npz(stream))


@pytest.mark.parametrize(
    "value",
    [
        ragged([[1, 2.5]]),
        ragged([[1, True]]),
        ragged([["hola"]]),
        ragged([[[1]]]),
        ragged([(1, 2)]),
        ragged([[2**31]]),
        ragged([None]),
        ragged([np.array([1, 2])]),
        ragged([[1], [2]]),
        [[1, 2]],
        7,
    ],
    ids=repr,
)
def test_anything_but_lists_of_integers_is_refused(value):
    """Ni decimales, ni textos, ni más niveles, ni otra cuenta que la de la cabecera."""
    with pytest.raises(ValueError, match="solo números o listas de enteros"):
        read_npz(npz(pickle.dumps(value, protocol=3), shape=(1,)))


@pytest.mark.parametrize(
    "stream",
    [
        b"",
        b".",
        b"no es un pickle",
        pickle.dumps(ragged(LISTS))[:-20],
        b"Pinicio\n.",  # identificador persistente
        b"\x82\x01.",  # extensión registrada por otro
        b"cnumpy\nndarray\n}X\x01\x00\x00\x00aK\x01sb.",  # cambiar un hueco en vez de crearlo
        b"cnumpy\nndarray\n)R.",  # un array sin estado
        b"cnumpy\nndarray\n)RK\x01b.",  # un estado que no es una tupla
        b"cnumpy\ndtype\n)R.",
    ],
    ids=range(10),
)
def test_broken_streams_are_refused(stream):
    """Nada que no esté bien formado llega más lejos."""
    with pytest.raises(ValueError, match="bórralo y descárgalo de nuevo"):
        read_npz(npz(stream))


def test_a_refused_file_does_not_spoil_the_next(tmp_path):
    """Lo que un archivo hostil haga a los huecos no llega a la siguiente lectura."""
    with pytest.raises(ValueError, match="solo números"):
        read_npz(npz(b"cnumpy\nndarray\nN}X\x0c\x00\x00\x00__setstate__Ns\x86b."))
    assert_same_lists(read_npz(npz(pickle.dumps(ragged(LISTS))))["x"], LISTS)


@pytest.mark.parametrize("shape", [(), (4, 1)])
def test_other_shapes_of_objects_are_refused(shape):
    """Un array de objetos tiene que ser una lista de listas."""
    with pytest.raises(ValueError, match="un array de tipo object y forma"):
        read_npz(npz(pickle.dumps(ragged(LISTS)), shape=shape))


def test_a_record_with_objects_is_refused():
    """Un registro con campos de objetos podría guardar punteros."""
    file = io.BytesIO()
    np.savez(file, x=np.zeros(2, dtype=[("a", object), ("b", int)]))
    with pytest.raises(ValueError, match="un array de tipo"):
        read_npz(file.getvalue())


@pytest.mark.parametrize("data", [b"", b"PK", b"texto"])
def test_not_a_zip(data):
    """Lo que no es un zip recibe el mismo mensaje."""
    with pytest.raises(ValueError, match=r"El \.npz debía contener"):
        read_npz(data)
