"""The French nouns, titles and pronouns by kind and gender of a speaker."""

from __future__ import annotations

from tidings.languages.speaker_words import FEMALE, MALE, SpeakerWords
from tidings.languages.words import words

SPEAKERS = SpeakerWords(
    article_genders={"la": FEMALE, "une": FEMALE, "le": MALE, "un": MALE},
    roles=words(
        "président présidente vice-président vice-présidente ministre chancelier chancelière secrétaire sénateur sénatrice "
        "député députée conseiller conseillère gouverneur gouverneure maire préfet préfète ambassadeur ambassadrice porte- "
        "parole directeur directrice chef cheffe responsable dirigeant dirigeante patron patronne commissaire commandant "
        "général colonel amiral juge procureur procureure avocat avocate professeur professeure chercheur chercheuse "
        "économiste analyste expert experte spécialiste historien historienne politologue sociologue auteur auteure autrice "
        "écrivain journaliste rédacteur rédactrice candidat candidate élu élue délégué déléguée émissaire diplomate "
        "négociateur négociatrice roi reine prince princesse pape évêque cardinal médecin ingénieur agriculteur agricultrice "
        "entrepreneur entrepreneure syndicaliste militant militante habitant habitante témoin victime étudiant étudiante père "
        "mère mari épouse fils fille frère soeur ami collègue entraîneur joueur chargé chargée membre représentant "
        "représentante secrétaire-général coordinateur coordinatrice rapporteur rapporteuse fondateur fondatrice cofondateur "
        "cofondatrice numéro homologue vice-ministre landammann syndic syndique conseiller-national"
    ),
    bodies=words(
        "gouvernement ministère département agence administration autorité bureau office commission comité conseil cour "
        "tribunal parlement congrès sénat assemblée chambre cabinet parti entreprise société groupe banque organisation "
        "association fédération union institut université école fondation centre réseau journal quotidien hebdomadaire "
        "magazine site chaîne radio agence police armée ambassade mission délégation secrétariat état pays nation ville "
        "canton commune région rapport étude enquête sondage communiqué déclaration document lettre article résolution arrêt "
        "décision loi message note texte confédération caisse direction service musée hôpital syndicat mouvement alliance "
        "coalition église ong présidence élysée kremlin maison-blanche pentagone observatoire organe inspection collectif "
        "consortium compagnie firme fonds"
    ),
    collectives=words(
        "autorités experts analystes critiques opposants partisans électeurs responsables médias observateurs "
        "journalistes économistes scientifiques chercheurs dirigeants habitants témoins manifestants militants participants "
        "membres familles parents élèves étudiants travailleurs policiers gens personnes femmes hommes réunion conférence "
        "sommet public personnel opposition majorité minorité rebelles entreprises sociétés investisseurs historiens "
        "procureurs avocats conseillers alliés pays états groupes partis deux parties ministres présidents sénateurs députés "
        "gouverneurs élus citoyens milieux cantons communes délégués représentants agriculteurs enseignants médecins "
        "syndicats associations organisations russes américains européens français suisses chinois allemands israéliens "
        "palestiniens ukrainiens"
    ),
    unnamed=words("homme femme personne quelqu'un certains certain source sources individu celui celle un une"),
    not_speakers=words(
        "chose choses idée fait raison question problème point cas jour semaine mois année monde guerre situation image photo "
        "vidéo chiffre part taux prix marché temps manière façon"
    ),
    norms=words(
        "loi ordonnance article articles règle règles principe principes norme normes critère critères disposition "
        "dispositions canton cantons commune communes région code règlement directive directives convention accord "
        "constitution"
    ),
    endings={"ologue": "role", "ologues": "collective"},
    titles=words(
        "m m. mm mm. mme mme. mmes mlle monsieur madame dr dr. docteur maître me prof prof. président présidente ministre "
        "premier première chancelier chancelière secrétaire général générale conseiller conseillère fédéral fédérale sénateur "
        "sénatrice député députée gouverneur maire préfet ambassadeur ambassadrice directeur directrice roi reine prince "
        "princesse pape cardinal juge procureur professeur professeure colonel amiral état national nationale"
    ),
    female=words(
        "elle elles -elle -t-elle celle-ci mme mme. mmes mlle madame présidente vice-présidente chancelière sénatrice députée "
        "conseillère préfète ambassadrice directrice cheffe dirigeante patronne procureure avocate professeure chercheuse "
        "experte historienne auteure autrice rédactrice candidate élue déléguée négociatrice reine princesse femme mère "
        "épouse fille soeur agricultrice entrepreneure militante habitante étudiante chargée représentante coordinatrice "
        "rapporteuse fondatrice cofondatrice"
    ),
    male=words(
        "il -il -t-il celui-ci m m. mm. monsieur président vice-président chancelier sénateur député conseiller ambassadeur "
        "directeur avocat chercheur historien candidat élu délégué négociateur roi prince pape homme père mari fils frère"
    ),
    pronouns=words("il elle ils elles celui-ci celle-ci ceux-ci celles-ci -il -elle -ils -elles -t-il -t-elle -t-on"),
    determiners=words(
        "le la les l' un une des ce cet cette ces son sa ses leur leurs notre nos plusieurs certains certaines quelques "
        "chaque deux trois du au aux"
    ),
    linking=words("de d' du des à au aux en pour chez dans sur"),
    name_particles=words("de du la le von van der d' den el al bin da di"),
    is_head_first=True,
)
