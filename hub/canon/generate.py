"""Makes the event classes and their checks from the schemas: `python -m hub.canon.generate`.

`model.py` holds one frozen class for each record and one enumeration for each enum; `records.py`
holds for each record a function that checks every value while it writes its Avro bytes, and one
that checks every byte while it reads them. Both are committed; `--check` says whether they are
fresh.
"""

import subprocess
import sys
from pathlib import Path

from hub.canon.generate_model import model_source
from hub.canon.generate_records import records_source

HERE = Path(__file__).parent


def formatted(source: str) -> str:
    """The source as ruff formats it."""
    ruff = Path(sys.executable).with_name("ruff")
    done = subprocess.run(  # noqa: S603 - our own formatter on our own text
        [ruff, "format", "--line-length", "100", "-"],
        input=source + "\n",
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return done.stdout


def files() -> dict[Path, str]:
    """What each generated file must hold."""
    return {
        HERE / "model.py": formatted(model_source()),
        HERE / "records.py": formatted(records_source()),
    }


def main() -> int:
    """Write the files, or with --check say which are stale; 1 if any is."""
    texts = files()
    stale = [path for path, text in texts.items() if not path.exists() or path.read_text() != text]
    if "--check" in sys.argv:
        sys.stderr.writelines(f"stale: {path.name}; run make generate\n" for path in stale)
        return 1 if stale else 0
    for path in stale:
        path.write_text(texts[path])
    return 0


if __name__ == "__main__":
    sys.exit(main())
