"""Integrals over an interval: Gauss-Legendre nodes on equal panels."""

import numpy as np

ORDER = 10
"""Nodes of a panel: a smooth function is integrated to about 20 powers of the panel's width."""


def unit_nodes() -> tuple[np.ndarray, np.ndarray]:
    """Return nodes and weights on [0, 1], two arrays of shape (ORDER,).

    Examples
    --------
    >>> nodes, weights = unit_nodes()
    >>> round(float(weights @ nodes**3), 12)
    0.25
    """
    nodes, weights = np.polynomial.legendre.leggauss(ORDER)
    return (nodes + 1) / 2, weights / 2


def panel_nodes(edges: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return nodes and weights of each panel, two arrays of shape (panels, ORDER).

    Parameters
    ----------
    edges : array, shape (panels + 1,)
        Where panels begin and end, ascending.

    Examples
    --------
    >>> nodes, weights = panel_nodes(np.array([0.0, 1.0, 3.0]))
    >>> nodes.shape, round(float((weights * nodes**2).sum()), 12)
    ((2, 10), 9.0)
    """
    nodes, weights = unit_nodes()
    width = np.diff(edges)[:, None]
    return edges[:-1, None] + width * nodes, width * weights
