"""A digest of everything the views say, whatever way they came to say it.

Entities are named by the subjects they consist of and versions do not count, so two stores with the
same digest know the same of the same people, even if they learned it in another order.
"""

from collections.abc import Mapping
from hashlib import blake2b, sha256

from hub.canon.codec import Codec
from hub.canon.model import Business, Citizen
from hub.identity.subjects import derived
from hub.processor.store import Store
from hub.view.fold import View


def state_digest(store: Store, codec: Codec) -> str:
    """The digest of a store's views, in hexadecimal."""
    names = {entity: derived("named", *subjects) for entity, subjects in store.members().items()}
    lines: list[bytes] = []
    for row in store.views():
        view = codec.decode(bytes(row.body))
        if isinstance(view, (Citizen, Business)):
            data = codec.encode(canonical(view, names))
            lines.append(blake2b(data, digest_size=32).digest())
    return sha256(b"".join(sorted(lines))).hexdigest()


def canonical(view: View, names: Mapping[str, str]) -> View:
    """The view with entities named by their subjects, and version 0."""
    roles = (
        role._replace(entity_id=names.get(role.entity_id or "", role.entity_id))
        for role in view.roles
    )
    ordered = tuple(
        sorted(roles, key=lambda role: (role.kind, role.title or "", role.entity_id or ""))
    )
    return view._replace(
        entity_id=names.get(view.entity_id, view.entity_id), version=0, roles=ordered
    )
