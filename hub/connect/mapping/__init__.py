"""Connectors without code: a YAML document that says what a departmental system's records mean.

`lint` tells all that is wrong with one, by line and column; `load` makes a `Connector` of it.
"""

from hub.connect.mapping.compile import Compiled, compiled, connector_of, lint, load
from hub.connect.mapping.function_table import TABLE as FUNCTIONS
from hub.connect.mapping.problem import Problem

__all__ = ["FUNCTIONS", "Compiled", "Problem", "compiled", "connector_of", "lint", "load"]
