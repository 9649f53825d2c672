"""What is measured: competency frameworks as versioned data, and their reader."""

from framework.load import BadFramework, UnknownFramework, load, read
from framework.model import (
    LOCALES,
    Band,
    Capacity,
    Competence,
    Domain,
    Framework,
    LegalBasis,
    Locale,
    LocalizedText,
    Source,
    UnknownNode,
)

__all__ = [
    "LOCALES",
    "BadFramework",
    "Band",
    "Capacity",
    "Competence",
    "Domain",
    "Framework",
    "LegalBasis",
    "Locale",
    "LocalizedText",
    "Source",
    "UnknownFramework",
    "UnknownNode",
    "load",
    "read",
]
