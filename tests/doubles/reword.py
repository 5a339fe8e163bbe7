"""Says the same in words nobody has seen: the test that codes and structure decide, not English.

Every plain word is shifted by thirteen letters. Names, ARNs, actions, quoted
values, numbers, markup and punctuation stay, so the shape of a message does.
"""

from __future__ import annotations

import codecs
import json
import re

_PARTS = re.compile(r"""
    (?P<keep> <Code>.*?</Code> | <Type>.*?</Type> | <RequestId>.*?</RequestId> | <[^<>]*>
            | "[^"]*" | '[^']*' | [\w-]+(?:[:/][\w:*/.@+=,-]+)+ | \S*\d\S* )
  | (?P<word> [A-Za-z]{2,} )
""", re.VERBOSE | re.DOTALL)


def reword(text: str) -> str:
    """Returns a message with other words and the same structure."""
    return _PARTS.sub(lambda part: part["keep"] or codecs.encode(part["word"], "rot13"), text)


def reword_aws(body: bytes) -> bytes:
    """Rewords the message of an AWS error document."""
    return re.sub(rb"(<Message>)(.*?)(</Message>)",
                  lambda part: part[1] + reword(part[2].decode()).encode() + part[3], body, flags=re.DOTALL)


def reword_vault(body: bytes) -> bytes:
    """Rewords the errors and warnings of a Vault answer; anything else passes."""
    try:
        document = json.loads(body)
    except ValueError:
        return body
    for name in ("errors", "warnings"):
        if isinstance(document, dict) and document.get(name):
            document[name] = [reword(str(text)) for text in document[name]]
    return json.dumps(document).encode() + b"\n"
