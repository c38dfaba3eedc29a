"""The people to whom pronouns refer, in invented texts."""

import pytest

from tests.annotation.speech import said_by

LAST = [
    # the subject of the last sentence, not others whom it names
    ("en", "Karl Renn met Bruno Falk. He left. He said that ice is thin.", "Karl Renn"),
    ("en", "Mr. Renn opened the port.\n\n“Ice is thin,” he said.", "Renn"),
    # of another gender: by a title, a given name, or pronouns
    ("en", "Karl Renn met Ms. Falk. “Ice is thin,” she said.", "Falk"),
    ("en", "Karl Renn praised Claudia Falk. “Ice is thin,” she said.", "Claudia Falk"),
    (
        "en",
        "Runa Falk took her boat. Runa Falk left her crew. Runa Falk met Karl Renn. He said so.",
        "Karl Renn",
    ),
    # a name behind the pronoun is that of another person, or of the subject of the main clause
    ("en", "Karl Renn came. Bruno Falk left. He said that Bruno Falk is ill.", "Karl Renn"),
    ("en", "As he told guests of thin ice, Mr. Renn smiled.", "Renn"),
    # a surname alone is a person if a pronoun refers to it
    ("en", "Hallberg said that ice is thin. He left, he added.", "Hallberg"),
    # an office with a definite article continues a person
    (
        "en",
        "Karl Renn came. The mayor said that ice is thin. “Boats wait,” he said.",
        "Karl Renn",
    ),
    ("de", "Der Hafenleiter Karl Renn kam. Er sagte, das Eis sei dünn.", "Karl Renn"),
    ("de", "Ein Sprecher des Amts kam. Er sagte, das Eis sei dünn.", "Sprecher"),
    ("de", "Die Hafenbehörde zögert. Sie erklärte, das Eis sei dünn.", "Hafenbehörde"),
    ("de", "Claudia Falk kam mit Karl Renn. Er sagte, das Eis sei dünn.", "Karl Renn"),
]
UNCERTAIN = [
    ("en", "Karl Renn and Bruno Falk left. “Ice is thin,” he said.", "he"),
    ("en", "The boats are old. “Ice is thin,” he said.", "he"),
    ("de", "Claudia Falk kam. Sie sagten, das Eis sei dünn.", "Sie"),
    ("de", "Das Hafenamt zögert. Er sagte, das Eis sei dünn.", "Er"),
]


@pytest.mark.parametrize(("language", "text", "name"), [*LAST, *UNCERTAIN])
def test_pronoun_refers_to_the_most_salient_person(language: str, text: str, name: str) -> None:
    """A pronoun refers to the most salient person or body of its gender and number, and to nobody
    if two are equally salient.
    """
    assert said_by(text, language)[-1][0] == name
