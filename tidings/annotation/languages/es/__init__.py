"""Spanish."""

from tidings.annotation.plain_text import without_accents
from tidings.base.languages.words import read_language


def inflections(word: str) -> list[str]:
    """Return plural and feminine forms: políticas; rusa; alemanes; veces. The stress mark of a last
    syllable with a final n or s disappears.
    """
    if word.endswith(("o", "a")):
        return [word[:-1] + ending for ending in ("o", "a", "os", "as")]
    if word[-1:] in "eiuéíú":
        return [word + "s"]
    stem = word[:-2] + without_accents(word[-2:-1]) + word[-1:].replace("z", "c")
    return [stem + "es", stem + "a", stem + "as"]


LANGUAGE = read_language("es", inflections=inflections)
