"""The people to whom pronouns and short names refer, in invented texts."""

from tests.annotation.speech import said_by
from tests.cases import table


@table("""
    language | text | name
    # the subject of the last sentence, not others whom it names
    en | Karl Renn met Bruno Falk. He left. He said that ice is thin. | Karl Renn
    en | Mr. Renn opened the port.¶“Ice is thin,” he said. | Renn
    # of another gender: by a title or a given name
    en | Karl Renn met Ms. Falk. “Ice is thin,” she said. | Falk
    en | Karl Renn praised Claudia Falk. “Ice is thin,” she said. | Claudia Falk
    # a name behind the pronoun is that of another person
    en | Karl Renn came. Bruno Falk left. He said that Bruno Falk is ill. | Karl Renn
    # a surname alone is a person if a pronoun refers to it
    en | Hallberg said that ice is thin. He left, he added. | Hallberg
    en | The court said that boats wait. Nets dry. It added that ice is thin. | court
    en | Critics said that boats wait. Karl Renn left. They added that ice is thin. | Critics
    de | Der Hafenleiter Karl Renn kam. Er sagte, das Eis sei dünn. | Karl Renn
    de | Der frühere Leiter Karl Renn traf Bruno Falk. Er sagte, das Eis sei dünn. | Karl Renn
    de | Ein Sprecher des Amts kam. Er sagte, das Eis sei dünn. | Sprecher des Amts
    de | Die Hafenbehörde zögert. Sie erklärte, das Eis sei dünn. | Hafenbehörde
    de | Claudia Falk kam mit Karl Renn. Er sagte, das Eis sei dünn. | Karl Renn
    fr | Le Conseil des ports a pris acte. Il estime que la glace est mince. | Conseil des ports
    fr | Karl Renn a vu le Conseil. « La glace est mince », dit-il. | Karl Renn
    # a name that opens a clause, also of an unlisted given name, but no noun with an attribute
    de | Brolo Renn kam. Die Zukunft der Boote ist offen. Er sagte, das Eis sei dünn. | Brolo Renn
    # a group that opens a sentence, also before the names of its members
    de | Zwei Beamte, Karl Renn und Claudia Falk, kamen. Sie erklärten, das Eis sei dünn. | Zwei
        Beamte
    de | Astronomen kamen. Sie erklärten, das Eis sei dünn. | Astronomen
    # reported speech continues
    de | Karl Renn sagte, er warte. Das Eis sei dünn. | Karl Renn
    de | Karl Renn sagte, er warte. Da es taut, sei das Eis dünn. | Karl Renn
    de | Karl Renn sagte, er warte. Im März taut es. Das Eis sei dünn. | Karl Renn
    fr | La ministre Tove Hallberg est venue. Selon elle, la glace est mince. | Tove Hallberg
    de | Das Hafenamt wich aus. Das Eis sei dünn. | Hafenamt
    de | Karl Renn sagte, er warte. Bald tauche ein Boot auf, hieß es. | Karl Renn
    # nobody, if two are equally salient or none has the gender and number
    en | Karl Renn and Bruno Falk left. “Ice is thin,” he said. | he
    en | The boats are old. “Ice is thin,” he said. | he
    de | Claudia Falk kam. Sie sagten, das Eis sei dünn. | Sie
    en | Karl Renn came. They said that ice is thin. | They
    de | Das Hafenamt zögert. Er sagte, das Eis sei dünn. | Er
    # Half names, offices, companies and documents of the last statement have the name that the
    # text states, and a group does not continue to speak.
    en | Karl Renn opened the port. “Ice is thin,” Karl said. | Karl Renn
    es | Ana Pérez Falk llegó. Pérez dijo que el hielo es fino. | Ana Pérez Falk
    en | Senator Karl Renn came. “Ice is thin,” the senator said. | Karl Renn
    de | Karl Renn sagte, er warte. Das Eis sei dünn, so der Forscher. | Karl Renn
    en | Hallberg Motors said that boats wait. The firm said ice is thin. | Hallberg Motors
    en | The Lindmar Port Times came. The Times reported that ice is thin. | Lindmar Port Times
    en | Ice is thin, a Port Ministry statement said. | Port Ministry
    en | Ice is thin, a Danish study said. | a Danish study
    en | Critics said that boats wait. “Ice is thin and gets thinner.” | Critics
    en | The Port Council met. It also said that ice is thin. | Port Council
    en | Senators Karl Renn and Anna Falk left. “Ice is thin,” Senator Falk said. | Anna Falk
    en | Norland met Karl Renn. “Ice is thin,” he said. | Karl Renn
    en | Lately May came. Bruno Falk sat. “Ice is thin,” he said. | Bruno Falk
    en | The boat of G.V. Falk waits. “Ice is thin,” says Falk. | G.V. Falk
    en | A. Falk and Anna Falk are one. “Ice is thin,” says Falk. | Anna Falk
    en | The N. Korea tests end. North Korea said that ice is thin. | North Korea
    en | Mr Falk' boat waits. He said that ice is thin. | Falk
    fr | Le Conseil fédéral approuve cette loi. Il souligne que non. | Conseil fédéral
    fr | Le Conseil fédéral profite de cela pour agir. Il estime que non. | Conseil fédéral
    zh | 港务局发表声明称，港口要开放。声明称，船只很旧。 | 港务局
    zh | 据北国媒体报道，港口要开放。报道称，船只很旧。 | 北国媒体
    zh | 国务院印发《港口发展意见》，要求开放港口。《意见》提出，船只要安全。 | 国务院
    zh | 莫罗发来贺信，代表党中央向港口建设者表示热烈祝贺和亲切问候。 | 莫罗
    zh | 总理莫罗表示，两国是好邻居。去年，两国元首宣布开放港口，合作更加紧密。 | 莫罗
    zh | 晨报援引港务局局长的话报道称，港口要开放。 | 港务局局长
    zh | 晨报援引消息人士的话报道称，港口要开放。 | 晨报
    zh | 同时港务局还在扩大港口，称船只要安全。 | 港务局
    zh | 武装派别“北方旅”称，港口要开放。 | 北方旅
    zh | 港务局表示，港口要开放。该机构还表示，船只很旧。 | 港务局
    zh | 港务局声明称，港口要开放。 | 港务局
    zh | 评级机构北方研究院表示，港口要开放。 | 北方研究院
    zh | 南港市市民曹先生称，港口要开放。 | 曹先生
""")
def test_a_pronoun_or_short_name_means_the_most_salient_speaker(
    language: str, text: str, name: str
) -> None:
    """A pronoun refers to the most salient person or body of its gender and number, and to nobody
    if two are equally salient. A short name is that of a speaker named before.
    """
    assert said_by(text.replace("¶", "\n\n"), language)[-1][0] == name
