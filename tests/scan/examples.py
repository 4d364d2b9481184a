"""A value for every schema of the OpenAPI documents, of the kind that is accepted."""

import random
import warnings
from typing import Any
from uuid import uuid4

from hypothesis import strategies as st
from hypothesis.errors import NonInteractiveExampleWarning

DEEPEST = 6
Json = dict[str, Any]
FORMATS = {
    "date-time": "2027-01-15T10:00:00Z",
    "date": "2027-01-15",
    "time": "10:00:00",
    "uri": "https://scan.example/",
    "duration": "PT1H",
}
QUESTION = {
    "kind": "short_text", "title": "Colour", "text": "Of the sky?", "points": "1", "accepted": [{"text": "blue"}]
}  # fmt: skip
# What no schema tells. Nobody's true password: it would be changed.
WORDS: Json = {
    "password": "scan-horse-battery-4071",
    "current_password": "not-the-password-of-anybody",
    "issuer": "https://accounts.scan.example",
    "content_type": "text/plain",
    "key": "all",
    "percent": "50",
    "deduction": "10",
    "csv": "student,points\nNobody,1\n",
    "confirm": "scan",
    "question": QUESTION,
    "questions": [QUESTION],
}
# Of a page before, or of a kind of work that excludes the rest.
UNTOLD = {"cursor", "before", "counts", "count", "draws"}


def example(document: Json, schema: Json, name: str, depth: int = 0) -> Any:
    """A value that fits; None where none should be sent."""
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if name in UNTOLD:
        return None
    if options := schema.get("anyOf") or schema.get("oneOf"):
        chosen = next((one for one in options if one.get("type") != "null"), options[0])
        return example(document, chosen, name, depth)
    if "const" in schema or "enum" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    if name in WORDS:
        return WORDS[name]
    return _typed(document, schema, name, depth)


def _typed(document: Json, schema: Json, name: str, depth: int) -> Any:
    match schema.get("type"):
        case "object":
            return _object(document, schema, depth)
        case "array":
            few = depth > DEEPEST or "items" not in schema
            return [] if few else [example(document, schema["items"], name.removesuffix("s"), depth + 1)]
        case "integer" | "number":
            return schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)
        case "boolean":
            return False
        case "string":
            return _text(schema, name)
    return None


def _object(document: Json, schema: Json, depth: int) -> Json:
    if depth > DEEPEST:
        return {}
    made = {key: example(document, value, key, depth + 1) for key, value in schema.get("properties", {}).items()}
    return {key: value for key, value in made.items() if value is not None}


def _text(schema: Json, name: str) -> str:
    if schema.get("format") == "uuid" or name == "id":
        return str(uuid4())
    if name == "email" or schema.get("format") == "email":
        return f"scan-{uuid4().hex[:8]}@demo.example"
    if "pattern" in schema:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NonInteractiveExampleWarning)
            return str(st.from_regex(schema["pattern"], fullmatch=True).example())
    if schema.get("format") in FORMATS:
        return FORMATS[schema["format"]]
    text = f"scan {random.randint(1000, 9999)}"
    return text.ljust(schema.get("minLength", 0), "x")[: schema.get("maxLength", 100)]
