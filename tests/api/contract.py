"""The public contract in short, to be compared: ``python -m tests.api.contract`` writes it anew."""

import json
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from app.main import create_app
from app.settings import Settings

KEPT = Path(__file__).parent / "openapi_contract.json"


def contract(app: FastAPI) -> dict[str, Any]:
    """Every operation with its parameters, fields and statuses: what a program written against it relies on."""
    described = app.openapi()
    schemas = described["components"]["schemas"]
    operations = {
        f"{method.upper()} {path}": _operation(operation)
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    }
    fields = {name: _fields(schema) for name, schema in schemas.items()}
    return {"operations": dict(sorted(operations.items())), "fields": dict(sorted(fields.items()))}


def _operation(operation: dict[str, Any]) -> dict[str, Any]:
    return {
        "operationId": operation["operationId"],
        "security": operation.get("security", []),
        "parameters": sorted(f"{given['in']} {given['name']}" for given in operation.get("parameters", ())),
        "body": sorted(operation.get("requestBody", {}).get("content", ())),
        "statuses": {
            status: sorted(response.get("content", ())) for status, response in sorted(operation["responses"].items())
        },
    }


def _fields(schema: dict[str, Any]) -> dict[str, str]:
    required = schema.get("required", ())
    return {name: "required" if name in required else "optional" for name in sorted(schema.get("properties", ()))}


def text(app: FastAPI) -> str:
    return json.dumps(contract(app), indent=2, ensure_ascii=False) + "\n"


def _write() -> None:
    settings = Settings(demo=True, secret_key="the description needs no secret, but a service does")
    KEPT.write_text(text(create_app(settings, None)), encoding="utf-8")  # type: ignore[arg-type]


if __name__ == "__main__":
    _write()
