"""Sentence boundaries in languages with and without spaces between words."""

from tests.cases import cases
from tidings.annotation.sentences import split_paragraphs, split_sentences


def split(text: str, *, is_spaced: bool = True) -> list[str]:
    """Return the sentences of all paragraphs of a text."""
    return [
        text[start:end]
        for paragraph in split_paragraphs(text)
        for start, end in split_sentences(text, paragraph, is_spaced=is_spaced)
    ]


@cases(
    "text, sentences",
    (" Ice\nis thin.   Boats wait.  \n\nRain fell. ", "Ice\nis thin.|Boats wait.|Rain fell."),
    ("Thin ice\nBoats wait.\nSnow ahead\nFog.", "Thin ice|Boats wait.|Snow ahead|Fog."),
    ("Ice\n" * 10 + "fog", "Ice|" * 10 + "fog"),
    ("LINDMAR, June 5 (Agency) -- Ice is thin. Boats wait.", "Ice is thin.|Boats wait."),
    ("LINDMAR, L.M. – Today, boats wait.", "Today, boats wait."),
    ("(Port Ice, LM) — Boats wait.", "Boats wait."),
    ("LINDMAR—“Boats wait,” she said.", "“Boats wait,” she said."),
    ("LINDMAR – the port – waits.", "LINDMAR – the port – waits."),
)  # fmt: skip
def test_sentences_end_at_lines(text: str, sentences: str) -> None:
    """A line's end ends a sentence unless over a tenth of the next lines begin small; a dateline is
    no part of one.
    """
    assert split(text) == sentences.split("|")


@cases(
    "text",
    *"""
    Mr. Brandt came on 3. May, see Art. 5. Boats wait.
    Ice is thin! | Boats? | Rain… | Snow.
    Dr. iur. Frei came. | Boats, e.g. ferries, wait. | Rain fell.
    He left on June 30. | Boats wait. | On Montag 3. Mai.
    Sie ruft Anna, 13. | Ivo, 12, und der Gast, 2. Vizechef, warten bis Montag, 13. Mai.
    Ice. | “Boats wait. Rain,” she said. | Snow.
    "Boats. Rain." | "Snow. Sun." | Fog. | Wind.
    Fog. | »Ice. Boats wait«, she said. | »Snow. Sun«, he said.
    Sie rief: „Eis. Nebel.“ | Boote warten.
    He wrote `` Ice. Fog. '' | Boats wait. '' | Snow, '' she said.
    He wrote " Ice. Fog. " | The boats wait.
    « Ice. Fog. » | Boats » wait. | « Snow. Sun. » | Rain.
    „Ice. Boats wait", she said. | Snow.
    “Ice. | Boats wait. | Never closed.
    """.strip().splitlines(),
    f"“Ice. {'X' * 1193}.” | Rain.",
    f"“Ice. | {'X' * 1194}.” | Rain.",
)
def test_sentences_end_at_full_stops(text: str) -> None:
    """A full stop after an abbreviation or an ordinal number does not end a sentence. A quotation
    of up to 1,200 characters is not split; longer and unclosed quotations are.
    """
    assert split(text.replace("| ", "")) == [part.strip() for part in text.split("|")]


def test_chinese_sentences() -> None:
    """A Chinese sentence ends at its punctuation and includes the closing quotation mark."""
    text = "　　冰很薄。船只等待！“冰。船。”他说。"
    assert split(text, is_spaced=False) == ["冰很薄。", "船只等待！", "“冰。船。”", "他说。"]
