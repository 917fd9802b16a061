"""Every kind of source a mapping can name."""

from collections.abc import Mapping

from hub.connect.mapping import file_sources
from hub.connect.mapping.source import SourceKind

SOURCES: Mapping[str, SourceKind] = {**file_sources.KINDS}
