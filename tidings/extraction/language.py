"""Identify the language of a text, independent of the page's declaration."""

import gc
import re
from functools import cache
from typing import Any

import numpy as np
from py3langid.langid import MODEL_FILE, LanguageIdentifier

# Languages of policy news. A smaller choice makes the identification of short texts more reliable.
LANGUAGES = (
    "en", "de", "fr", "it", "es", "pt", "nl", "sv", "no", "nn", "nb", "da", "fi", "is", "pl", "cs",
    "sk", "sl", "hr", "sr", "bg", "mk", "ro", "hu", "el", "tr", "ru", "uk", "be", "et", "lv", "lt",
    "ar", "fa", "he", "ur", "hi", "bn", "ta", "te", "mr", "gu", "pa", "th", "vi", "id", "ms", "tl",
    "sw", "af", "xh", "zu", "sq", "ka", "hy", "az", "kk", "ky", "mn", "ne", "si", "km", "lo", "am",
    "eu", "ca", "gl", "ga", "cy", "mt", "ko", "ja", "zh",
)  # fmt: skip
_HAN = re.compile("[\u3400-\u9fff]")
_KANA = re.compile("[\u3041-\u30ff]")
_HANGUL = re.compile("[\uac00-\ud7af]")
_LETTER = re.compile(r"[^\W\d_]")
_ENOUGH = 20  # letters
_READ = 300  # characters; on labelled pages the accuracy is the same as with 500


@cache
def _identifier() -> Any:
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages([name for name in LANGUAGES if name in identifier.nb_classes])
    # each feature's row is then contiguous in memory
    identifier.nb_ptc = np.ascontiguousarray(identifier.nb_ptc)
    gc.collect()
    # the model has about a million permanent objects; scanning them doubles the extraction time
    gc.freeze()
    return identifier


def language_of(text: str) -> str | None:
    """Return the language of a text (ISO 639-1), or None if it has too few letters; the script
    identifies Chinese, Japanese and Korean.
    """
    text = text[:_READ]
    letters = len(_LETTER.findall(text))
    if letters < _ENOUGH:
        return "zh" if len(_HAN.findall(text)) > 4 and not _KANA.search(text) else None
    if len(_HANGUL.findall(text)) > 0.3 * letters:
        return "ko"
    kana, han = len(_KANA.findall(text)), len(_HAN.findall(text))
    if kana + han > 0.3 * letters:
        return "ja" if kana > 0.1 * (kana + han) else "zh"
    code = str(_identifier().classify(text)[0])
    return {"nb": "no", "nn": "no"}.get(code, code)
