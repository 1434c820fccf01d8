"""Modelos con cada falta del relleno, y sin ninguna, para probar la prueba: NumPy y PyTorch.

Cada modelo se nombra con palabras: cómo recorre el lote (``packed``, ``plain``...), qué capas tiene
(``two``, ``lost``, ``bi``...) y, la última, de dónde sale la predicción.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from course_utils import cells
from course_utils.padding import Cause, mask_from_lengths, pad

FEATURES, VOCABULARY, HIDDEN = 3, 9, 7
LAYERS = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}

TORCH_GOOD = (
    "packed h_n",
    "plain gather",
    "packed gather",
    "plain mmean",
    "packed bi h_n",
    "packed bi mmean",
    "packed bi split",
    "packed two packed2 h_n",
    "packed two packed2 bi perstep",
    "plain two gather",
    "plain perstep",
    "packed bi perstep",
    "packed mmax",
    "packed matt",
)
TORCH_BAD = {
    "plain h_n": (Cause.NO_MASK,),
    "plain last": (Cause.NO_MASK,),
    "plain two h_n": (Cause.NO_MASK,),
    "plain bi h_n": (Cause.NO_MASK,),
    "plain bi split": (Cause.BIDIRECTIONAL,),
    "plain bi mmean": (Cause.BIDIRECTIONAL,),
    "plain bi gather": (Cause.BIDIRECTIONAL,),
    "plain bi perstep": (Cause.BIDIRECTIONAL,),
    "packed lost h_n": (Cause.LOST_MASK,),
    "zeroed plain h_n": (Cause.LOST_MASK,),
    "packed lost bi h_n": (Cause.LOST_MASK,),
    "packed lost bi perstep": (Cause.LOST_MASK, Cause.BIDIRECTIONAL),
    "packed mean": (Cause.MEAN,),
    "plain mean": (Cause.MEAN,),
    "plain zmean": (Cause.MEAN,),
    "plain bi mean": (Cause.MEAN,),
    "packed att": (Cause.MEAN,),
    "packed last": (Cause.LAST_POSITION,),
    "packed bi last": (Cause.LAST_POSITION,),
    "packed max": (Cause.MAXIMUM,),
    "plain late": (Cause.ONE_LATE,),
    "sorted packed h_n": (Cause.BATCH,),
    "centred packed gather": (Cause.BATCH,),
    "dropout packed gather": (Cause.RANDOM,),
}
NUMPY_GOOD = ("masked last", "plain gather", "masked mmean", "two masked last", "plain perstep")
NUMPY_BAD = {
    "plain last": (Cause.NO_MASK,),
    "masked lost last": (Cause.LOST_MASK,),
    "masked mean": (Cause.MEAN,),
    "zeroed last": (Cause.LAST_POSITION,),
    "back first": (Cause.BIDIRECTIONAL,),
    "back perstep": (Cause.BIDIRECTIONAL,),
}


class Net(nn.Module):
    """Una o dos capas recurrentes, una manera de leerlas y una capa de salida."""

    def __init__(self, kind, cell, *, ids, head="linear", padding_idx=None, hidden=HIDDEN):
        super().__init__()
        self.words = kind.split()
        self.bi = "bi" in self.words
        self.embedding = nn.Embedding(VOCABULARY, 5, padding_idx=padding_idx) if ids else None
        second = {"two", "lost"} & set(self.words)
        first_bi = self.bi and "lost" not in self.words
        options = {"batch_first": True}
        self.first = LAYERS[cell](5 if ids else FEATURES, hidden, bidirectional=first_bi, **options)
        width = hidden * (1 + first_bi)
        self.second = None
        if second:
            self.second = LAYERS[cell](width, hidden, bidirectional=self.bi, **options)
            width = hidden * (1 + self.bi)
        self.attention, self.dropout = nn.Linear(width, 1), nn.Dropout(0.2)
        self.head = nn.Linear(width, 2)
        self.activation = {
            "linear": nn.Identity(),
            "sigmoid": nn.Sigmoid(),
            "softmax": nn.Softmax(dim=-1),
        }[head]

    def forward(self, x, lengths):
        return self.activation(self.head(self.read(*self.layers(x, lengths), lengths)))

    def layers(self, x, lengths):
        """La salida y el estado final de la última capa."""
        z = x if self.embedding is None else self.embedding(x)
        if "zeroed" in self.words:
            z = z * self.mask(z, lengths)[..., None]
        if "sorted" in self.words:
            order = torch.argsort(-lengths)
            z, lengths = z[order], lengths[order]
        outputs, final = self.run(self.first, z, lengths, packed="packed" in self.words)
        if self.second is not None:
            outputs, final = self.run(self.second, outputs, lengths, packed="packed2" in self.words)
        return outputs, final

    @staticmethod
    def mask(z, lengths):
        return torch.arange(z.shape[1]) < lengths[:, None]

    @staticmethod
    def run(layer, z, lengths, *, packed):
        if packed:
            z = pack_padded_sequence(z, lengths, batch_first=True, enforce_sorted=False)
        outputs, final = layer(z)
        if packed:
            outputs = pad_packed_sequence(outputs, batch_first=True)[0]
        return outputs, final[0] if isinstance(final, tuple) else final

    def read(self, outputs, final, lengths):
        """De dónde sale la predicción: la última palabra del nombre."""
        rows, half = torch.arange(len(outputs)), outputs.shape[2] // 2
        mask = self.mask(outputs, lengths)[..., None]
        if "dropout" in self.words:
            outputs = self.dropout(outputs)
        gathered = outputs[rows, lengths - 1]
        if "centred" in self.words:
            gathered = gathered - gathered.mean(0)
        scores = self.attention(outputs)
        return {
            "h_n": lambda: torch.cat([final[-2], final[-1]], 1) if self.bi else final[-1],
            "last": lambda: outputs[:, -1],
            "gather": lambda: gathered,
            "late": lambda: outputs[rows, lengths.clamp(max=outputs.shape[1] - 1)],
            "split": lambda: torch.cat([gathered[:, :half], outputs[:, 0, half:]], 1),
            "mmean": lambda: (outputs * mask).sum(1) / lengths[:, None],
            "zmean": lambda: (outputs * mask).mean(1),
            "mean": lambda: outputs.mean(1),
            "mmax": lambda: outputs.masked_fill(~mask, -1e9).max(1).values,
            "max": lambda: outputs.max(1).values,
            "att": lambda: (torch.softmax(scores, 1) * outputs).sum(1),
            "matt": lambda: (torch.softmax(scores.masked_fill(~mask, -1e9), 1) * outputs).sum(1),
            "perstep": lambda: outputs,
        }[self.words[-1]]()


def torch_model(kind, cell="gru", *, ids=False, seed=0, steps=0, dtype=torch.float32, **options):
    """Un modelo de PyTorch, entrenado ``steps`` pasos, y su función de predecir."""
    torch.manual_seed(seed)
    net = Net(kind, cell, ids=ids, **options).to(dtype)
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
    rng = np.random.default_rng(seed)
    for _ in range(steps):
        sequences = draw_sequences(rng.integers(2, 12, size=16), ids=ids, rng=rng)
        batch = pad(sequences)
        outputs = net(to_torch(batch.values, ids, dtype), torch.from_numpy(batch.lengths))
        targets = torch.tensor([np.mean(one[0]) for one in sequences], dtype=dtype)
        guess = outputs.flatten(1).mean(1) if outputs.ndim == 3 else outputs[:, 0]
        optimizer.zero_grad()
        (guess - targets).square().mean().backward()
        optimizer.step()
    if "dropout" not in net.words:
        net.eval()

    def predict(batch, lengths):
        return net(to_torch(batch, ids, dtype), torch.from_numpy(lengths))

    return net, predict


def to_torch(batch, ids, dtype):
    batch = torch.from_numpy(batch)
    return batch if ids else batch.to(dtype)


def draw_sequences(lengths, *, ids, rng):
    """Secuencias de esas longitudes: identificadores desde 1, o características."""
    if ids:
        return [rng.integers(1, VOCABULARY, size=n) for n in lengths]
    return [rng.normal(size=(n, FEATURES)).astype("float32") for n in lengths]


def last_real(states, lengths):
    """El valor de cada secuencia en su último paso real."""
    return states[np.arange(len(states)), lengths - 1]


def masked_mean(values, mask):
    """La media de cada secuencia en sus pasos reales."""
    return values.mean(axis=1, where=mask.reshape(*mask.shape, *[1] * (values.ndim - 2)))


def numpy_model(kind, cell="rnn", *, seed=0, dtype="float64"):
    """La función de predecir de un modelo de NumPy con las celdas del curso."""
    rng = np.random.default_rng(seed)
    words = kind.split()
    init, forward = getattr(cells, f"init_{cell}"), getattr(cells, f"{cell}_forward")

    def draw(size):
        weights = init(size, HIDDEN, rng=rng)
        return weights._replace(bias=rng.normal(size=weights.bias.shape) / 2)

    first, second = draw(FEATURES), draw(HIDDEN)
    head = rng.normal(size=(HIDDEN, 2)).astype(dtype)

    def predict(batch, lengths):
        x = batch.astype(dtype)
        mask = mask_from_lengths(lengths, x.shape[1])
        known = {"masked", "zeroed", "two"} & set(words)
        x = x[:, ::-1] if "back" in words else x
        states = forward(x, first, mask=mask if known else None).states
        states = states[:, ::-1] if "back" in words else states
        if "zeroed" in words:
            states = states * mask[..., None]
        if {"two", "lost"} & set(words):
            states = forward(states, second, mask=mask if "two" in words else None).states
        read = {
            "last": lambda: states[:, -1],
            # Las longitudes se conocen, pero la capa hacia atrás ha empezado en el relleno.
            "first": lambda: last_real(states, lengths) + states[:, 0],
            "gather": lambda: last_real(states, lengths),
            "mmean": lambda: masked_mean(states, mask),
            "mean": lambda: states.mean(axis=1),
            "perstep": lambda: states,
        }[words[-1]]
        return read() @ head

    return predict
