"""REPORT.json: what an analysis found, for machines; what cannot be said is null."""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from app.psychometrics.files import replacing

Report = dict[str, Any]


def plain(value: object) -> Any:  # noqa: ANN401 - JSON is any
    """What JSON can hold: lists for arrays, null for NaN and infinity, whole precision."""
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, np.ndarray | list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def write_report(path: Path, report: Report) -> None:
    """Write the report; the file appears whole or not at all.

    Raises
    ------
    BadFile
        If the place cannot be written.
    """
    with replacing(path) as stream:
        json.dump(plain(report), stream, ensure_ascii=False, indent=1)
        stream.write("\n")
