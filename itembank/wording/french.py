"""French sentences: the ones people read first, and the keys of the catalogues."""

from collections.abc import Mapping

from itembank.wording.french_files import FILES, SHAPE
from itembank.wording.french_parts import CASES, NUMBERS, PARTS
from itembank.wording.french_quality import QUALITY

ITEMS: Mapping[str, tuple[str, str]] = {
    "bad-id": (
        "« %(value)s » ne peut pas servir d'identifiant.",
        "Employez de 1 à 64 lettres sans accent, chiffres, points, tirets ou soulignés, par exemple SN1.1-001.",
    ),
    "duplicate-id": (
        "L'identifiant « %(id)s » est déjà pris (%(first)s).",
        "Donnez à cette question le prochain numéro libre ; un identifiant ne sert qu'une fois.",
    ),
    "unknown-competence": (
        "La compétence « %(value)s » n'existe pas dans le référentiel %(framework)s.",
        "Corrigez le code de la compétence.",
    ),
    "unknown-capacity": (
        "La capacité « %(value)s » n'existe pas dans le référentiel %(framework)s.",
        "Corrigez le code ; les capacités de la compétence sont : %(allowed)s.",
    ),
    "capacity-elsewhere": (
        "La capacité « %(value)s » appartient à la compétence %(home)s, et non à %(competence)s.",
        "Déplacez la question dans le fichier de %(home)s, ou corrigez la capacité.",
    ),
    "level-range": (
        "Le niveau %(value)s n'existe pas.",
        "Choisissez un niveau de %(lowest)s à %(highest)s d'après la grille des niveaux (itembank/README.md).",
    ),
    "empty-text": (
        "Le texte est vide.",
        "Écrivez-le, ou retirez l'élément s'il est facultatif.",
    ),
    "long-text": (
        "Le texte compte %(count)s caractères ; la limite est de %(limit)s.",
        "Raccourcissez-le.",
    ),
    "long-stem": (
        "L'énoncé compte %(count)s mots ; au-delà de %(limit)s, on mesure la lecture plus que la compétence.",
        "Raccourcissez la situation à ce qui sert pour répondre.",
    ),
    "no-source": (
        "La question ne cite aucune source.",
        "Ajoutez au moins une source, avec son titre, son adresse et sa date.",
    ),
    "bad-address": (
        "« %(value)s » n'est pas une adresse web.",
        "Écrivez l'adresse complète, qui commence par https:// ou http://.",
    ),
}

OPTIONS: Mapping[str, tuple[str, str]] = {
    "option-count": (
        "La question a %(count)s option(s) ; il en faut de %(lowest)s à %(highest)s.",
        "Ajoutez des options plausibles, ou retirez les plus faibles.",
    ),
    "bad-option-id": (
        "« %(value)s » ne peut pas désigner une option.",
        "Employez une lettre : a, b, c…",
    ),
    "duplicate-option-id": (
        "Deux options portent la lettre « %(id)s ».",
        "Donnez à chaque option sa propre lettre.",
    ),
    "same-option-text": (
        "Deux options disent la même chose (%(one)s et %(other)s).",
        "Récrivez ou retirez l'une des deux.",
    ),
    "no-correct": (
        "Aucune option n'est marquée comme juste.",
        "Ajoutez « correct: true » à la bonne réponse.",
    ),
    "several-correct": (
        "La question à choix unique a %(count)s options justes.",
        "N'en gardez qu'une, ou passez à multiple_choice.",
    ),
    "one-correct": (
        "La question à choix multiple n'a qu'une option juste.",
        "Marquez au moins deux options justes, ou passez à single_choice.",
    ),
    "no-wrong": (
        "Toutes les options sont justes : tout cocher donnerait toujours la note entière.",
        "Ajoutez au moins une option fausse.",
    ),
    "key-is-longest": (
        (
            "La bonne réponse est la plus longue dans %(count)s questions sur %(total)s (texte en %(language)s) ; "
            "le hasard en donnerait environ %(expected)s."
        ),
        "Allongez des distracteurs ou resserrez des clés : on ne doit pas pouvoir deviner à la longueur.",
    ),
}

SHORT_TEXT: Mapping[str, tuple[str, str]] = {
    "no-answer": (
        "Aucune réponse n'est acceptée en %(language)s.",
        "Ajoutez au moins une réponse dans cette langue ; répétez-la si elle est commune aux deux.",
    ),
    "long-list": (
        "La liste compte %(count)s éléments ; la limite est de %(limit)s.",
        "Gardez les plus utiles ; les règles de « match » couvrent déjà la casse, les accents et les espaces.",
    ),
    "vanishing-answer": (
        "La réponse « %(value)s » est refusée par ses propres règles : il n'en reste rien une fois comparée.",
        "Écrivez une réponse en lettres ou en chiffres, ou rendez la règle « punctuation » exacte.",
    ),
    "edit-distance-range": (
        "« edit_distance » vaut %(value)s.",
        "Choisissez 0, 1 ou 2 fautes de frappe admises.",
    ),
    "useless-tolerance": (
        (
            "Les fautes de frappe admises ne servent à rien : toutes les réponses sont des nombres, des codes ou des "
            "mots de moins de %(shortest)s caractères, qui se comparent toujours exactement."
        ),
        "Écrivez « edit_distance: 0 ».",
    ),
    "no-example": (
        "Il n'y a aucun exemple en %(language)s.",
        "Ajoutez au moins un exemple : c'est lui qui prouve que les règles font ce que vous voulez.",
    ),
    "example-refused": (
        "L'exemple « %(value)s » devrait être accepté, mais les règles le refusent.",
        "Ajoutez cette réponse à « answers », ou assouplissez « match ».",
    ),
    "example-accepted": (
        "L'exemple « %(value)s » devrait être refusé, mais il est accepté (trop près de « %(answer)s »).",
        "Resserrez « match » (souvent « edit_distance: 0 »), ou retirez l'exemple s'il est juste.",
    ),
}

DATES: Mapping[str, tuple[str, str]] = {
    "review-before-start": (
        "La question est à revoir le %(review_by)s, avant même de servir (%(valid_from)s).",
        "Mettez dans « review_by » une date postérieure à « valid_from ».",
    ),
    "review-too-far": (
        "La question ne serait revue que le %(review_by)s, plus de %(years)s ans après sa mise en service.",
        "Choisissez une date de revue plus proche : les règles et les outils changent.",
    ),
    "expired": (
        "La date de revue, le %(review_by)s, est passée : la question ne sera plus posée.",
        "Relisez la question et sa source, puis repoussez « review_by ».",
    ),
}

ENEMIES: Mapping[str, tuple[str, str]] = {
    "own-enemy": (
        "La question se déclare incompatible avec elle-même.",
        "Retirez son propre identifiant de « enemies ».",
    ),
    "unknown-enemy": (
        "La question incompatible « %(id)s » n'est pas dans la banque.",
        "Corrigez l'identifiant, ou retirez-le de « enemies ».",
    ),
    "one-sided-enemy": (
        "La question « %(id)s » ne déclare pas celle-ci en retour.",
        "Ajoutez « %(item)s » aux « enemies » de « %(id)s ».",
    ),
}

PARAMETERS: Mapping[str, tuple[str, str]] = {
    "bad-slope": (
        "La pente « a » vaut %(value)s.",
        "Elle doit être un nombre positif (et valoir 1 avec le modèle rasch).",
    ),
    "bad-asymptote": (
        "L'asymptote « c » vaut %(value)s avec le modèle %(model)s.",
        "Elle doit aller de 0 à moins de 1, et valoir 0 hors du modèle 3pl.",
    ),
    "step-count": (
        "« b » compte %(count)s valeur(s) ; la question a %(categories)s catégories de score.",
        "Donnez une difficulté par catégorie au-dessus de 0 ; à plus de deux catégories, le modèle est gpcm.",
    ),
    "infinite-parameter": (
        "Un paramètre n'est pas un nombre fini.",
        "Reprenez les valeurs du calibrage.",
    ),
    "bad-covariance": (
        (
            "La covariance n'est pas celle de %(count)s paramètre(s) : il faut une matrice carrée de cette taille, "
            "symétrique et semi-définie positive."
        ),
        "Reprenez la matrice du calibrage, dans l'ordre log a, b…, logit c.",
    ),
}

TABLE: Mapping[str, tuple[str, str]] = {
    **FILES,
    **SHAPE,
    **ITEMS,
    **OPTIONS,
    **SHORT_TEXT,
    **PARTS,
    **NUMBERS,
    **CASES,
    **DATES,
    **ENEMIES,
    **PARAMETERS,
    **QUALITY,
}
