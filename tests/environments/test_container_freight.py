"""Commands in containers find the scripts, and may write a backup."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

from epjgate.environments.container_freight import freight_of


def test_scripts_and_a_folder_for_everybody_are_packed(tmp_path: Path) -> None:
    """Every file with its path, readable and executable by all; what was only compiled from them stays here."""
    (tmp_path / "deep").mkdir()
    (tmp_path / "fill.py").write_text("print('æ')", encoding="utf-8")
    (tmp_path / "deep" / "data.json").write_text("{}")
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "fill.pyc").touch()
    with tarfile.open(fileobj=io.BytesIO(freight_of(tmp_path))) as tar:
        modes = {entry.name: (entry.mode, entry.isdir()) for entry in tar}
        script = tar.extractfile("epjgate/scripts/fill.py")
        assert script is not None
        assert script.read().decode() == "print('æ')"
    assert modes == {
        "epjgate/backup": (0o1777, True),
        "epjgate/scripts": (0o755, True),
        "epjgate/scripts/deep/data.json": (0o755, False),
        "epjgate/scripts/fill.py": (0o755, False),
    }


def test_a_system_without_scripts_has_its_backup_all_the_same() -> None:
    """Its commands come with its images."""
    with tarfile.open(fileobj=io.BytesIO(freight_of(None))) as tar:
        assert tar.getnames() == ["epjgate/backup", "epjgate/scripts"]
