"""Words of the domain, ETags and the document of the API."""

from collections import Counter
from typing import Any

import pytest
from aiohttp import hdrs
from aiohttp.test_utils import make_mocked_request
from openapi_spec_validator import validate

from chassis.errors import Invalid
from chassis.etags import etag, expected
from chassis.openapi import document
from classroom.domain import JOIN_CODE_ALPHABET, JOIN_CODE_LENGTH, new_join_code, normal_join_code
from classroom.routes import api


def test_join_codes_are_unambiguous_and_differ() -> None:
    drawn = [new_join_code() for _ in range(2_000)]
    assert set("".join(drawn)) == set(JOIN_CODE_ALPHABET)
    assert not set(JOIN_CODE_ALPHABET) & set("ILO01")
    assert {len(code) for code in drawn} == {JOIN_CODE_LENGTH}
    assert Counter(drawn).most_common(1)[0][1] == 1


def test_join_codes_are_read_as_people_type_them() -> None:
    assert normal_join_code(" abcd-efgh\n") == "ABCDEFGH"


@pytest.mark.parametrize(("given", "wanted"), [(None, None), ("*", None), ('"12"', 12), (' "3" ', 3), ('W/"4"', 4)])
def test_if_match_names_an_edition(given: str | None, wanted: int | None) -> None:
    headers = {"If-Match": given} if given else {}
    assert expected(make_mocked_request("PATCH", "/", headers=headers)) == wanted


@pytest.mark.parametrize("wrong", ["12", 'w/"12"', '"٣"', '"x"', '"1", "2"', ""])
def test_anything_else_is_refused(wrong: str) -> None:
    with pytest.raises(Invalid):
        expected(make_mocked_request("PATCH", "/", headers={"If-Match": wrong}))


def test_an_edition_survives_the_round_trip() -> None:
    assert expected(make_mocked_request("PATCH", "/", headers={"If-Match": etag(5)[hdrs.ETAG]})) == 5


def test_the_openapi_document_is_valid_and_names_each_operation_once() -> None:
    made: dict[str, Any] = document(api)
    validate(made)
    ids = [operation["operationId"] for path in made["paths"].values() for operation in path.values()]
    assert len(ids) == len(set(ids)) == len(api.operations)
