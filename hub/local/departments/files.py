"""Files as departments drop them: never seen half written, never written twice."""

from pathlib import Path


def drop(path: Path, content: bytes) -> bool:
    """Put a file there as a whole; False where one of that name is there already: it is left."""
    if path.exists():
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    part.write_bytes(content)
    part.replace(path)
    return True
