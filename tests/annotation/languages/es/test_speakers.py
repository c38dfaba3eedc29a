"""Spanish speakers, with the shipped verbs, and inflections."""

from tests.annotation.speech import find, said_by, show
from tests.cases import cases, table
from tidings.annotation.languages import language


@table("""
    text | speaker
    El ministro de Puertos, Tove Hallberg, dijo el martes que no. | Tove Hallberg: person
    «No», ha dicho este lunes la ministra de Puertos, Tove Hallberg. | Tove Hallberg: person
    «No», dijo a la prensa el portavoz Tove Hallberg. | Tove Hallberg: person
    Según informó el Ministerio de Puertos, los barcos esperan. | Ministerio de Puertos: body
    Según ha explicado la portavoz, Tove Hallberg, hay hielo. | Tove Hallberg: person
    Según el Ministerio de Puertos, hay hielo. | Ministerio de Puertos: body
    Así lo afirmó la alcaldesa de Lindmar, Tove Hallberg. | Tove Hallberg: person
    Los sindicatos han pedido que haya barcos. | sindicatos: collective
    La vicepresidenta y ministra de Puertos, Tove Hallberg, dijo que no. | Tove Hallberg: person
    La ministra Tove Hallberg y Ivo Renn subrayaron que no. | Tove Hallberg: person; Ivo Renn:
        person
    Tove García de la Renn sostuvo que no. | Tove García de la Renn: person
    «No», dijo Ludwig von der Berg. | Ludwig von der Berg: person
    El Consejo General de los Puertos pidió más barcos. | Consejo General de los Puertos: body
    El plan fue criticado por el líder de la oposición, Ivo Renn. | Ivo Renn: person
    La Sra. Hallberg recordó que hay hielo. | Hallberg: person
    "No", insistió la ministra. | ministra: role
    Se dijo que hay hielo. | -
    De acuerdo con la ley, los barcos pagan. | -
    Tove Hallberg no dijo si hay hielo. | -
    El tribunal condenó a Ivo Renn a dos años. | -
    El puerto cuenta con tres barcos. | -
""")
def test_who_speaks(text: str, speaker: str) -> None:
    """Subjects follow "según", "así" and quotations; "se" and negations report no words."""
    assert show(said_by(text, "es")) == speaker


def test_a_listed_person() -> None:
    """The list identifies a person by name."""
    assert find("Claire Moreau dijo que el hielo es fino.", "es") == [("moreau", "dijo")]


@cases("text", "Añadió que hay hielo.", "Además, añadió que hay hielo.")
def test_a_missing_subject(text: str) -> None:
    """A verb without a subject continues the last speaker, also behind an adverbial."""
    assert said_by(f"Tove Hallberg dijo que no. {text}", "es") == [("Tove Hallberg", "person")] * 2


@cases(
    "word, forms",
    ("ruso", "ruso rusa rusos rusas"),
    ("ley", "leyes leya leyas"),
    ("cumbre", "cumbres"),
    ("alemán", "alemanes alemana alemanas"),
    ("voz", "voces voca vocas"),
)
def test_inflections(word: str, forms: str) -> None:
    """A word has its plural and feminine forms; not all need exist."""
    assert language("es").inflections(word) == forms.split()
