"""French sentences about parts to answer one by one, numbers and cases."""

from collections.abc import Mapping

PARTS: Mapping[str, tuple[str, str]] = {
    "part-count": (
        "« %(key)s » compte %(count)s élément(s) ; il en faut de %(lowest)s à %(highest)s.",
        "Ajoutez des éléments, ou retirez les plus faibles.",
    ),
    "bad-part-id": (
        "« %(value)s » ne peut pas désigner un élément.",
        "Employez une lettre : a, b, c…",
    ),
    "duplicate-part-id": (
        "Deux éléments portent la lettre « %(id)s ».",
        "Donnez à chaque élément sa propre lettre.",
    ),
    "same-part-text": (
        "Deux éléments disent la même chose (%(one)s et %(other)s).",
        "Récrivez ou retirez l'un des deux.",
    ),
    "unknown-choice": (
        "Le choix « %(id)s » n'est pas dans « choices ».",
        "Écrivez l'un de ceux-ci : %(allowed)s.",
    ),
    "choice-reused": (
        "Le choix « %(id)s » sert à plusieurs éléments.",
        "Donnez à chacun son choix, ou écrivez « reuse: true » (choix possibles : %(allowed)s).",
    ),
    "missing-gap": (
        "Le texte n'a pas de place pour la lacune « %(id)s ».",
        "Écrivez {%(id)s} dans le texte, une fois dans chaque langue.",
    ),
    "repeated-gap": (
        "La lacune « %(id)s » est placée plusieurs fois dans le texte.",
        "Gardez {%(id)s} une seule fois dans chaque langue.",
    ),
    "unknown-gap": (
        "Le texte place une lacune « %(id)s » qui n'est pas dans « gaps ».",
        "Décrivez-la dans « gaps », ou retirez-la du texte.",
    ),
    "gap-keys": (
        "La lacune « %(id)s » a %(count)s option(s) juste(s) ; il en faut une.",
        "Marquez une seule option par « correct: true ».",
    ),
}

NUMBERS: Mapping[str, tuple[str, str]] = {
    "negative-tolerance": (
        "La tolérance vaut %(value)s.",
        "Écrivez 0 (valeur exacte) ou un nombre positif.",
    ),
    "no-number-example": (
        "Il n'y a aucun exemple.",
        (
            "Ajoutez au moins un exemple : c'est lui qui prouve que la valeur et la tolérance sont celles que "
            "vous voulez."
        ),
    ),
    "number-refused": (
        "L'exemple « %(value)s » devrait être accepté, mais il est refusé.",
        (
            "Corrigez la valeur ou la tolérance, ou écrivez l'exemple en chiffres : virgule ou point pour les "
            "décimales, espaces entre les milliers."
        ),
    ),
    "number-accepted": (
        "L'exemple « %(value)s » devrait être refusé, mais il est accepté.",
        "Resserrez la tolérance, ou retirez l'exemple s'il est juste.",
    ),
}

CASES: Mapping[str, tuple[str, str]] = {
    "unknown-stimulus": (
        "Le cas « %(value)s » n'est pas décrit sous « stimuli », ou sa description n'a pas pu être lue.",
        "Décrivez-le au début de ce fichier, avant « items », ou corrigez l'identifiant.",
    ),
    "duplicate-stimulus": (
        "Le cas « %(id)s » est décrit deux fois dans ce fichier.",
        "Donnez à chaque cas son propre identifiant ; seule la première description est lue.",
    ),
    "block-kind": (
        "Un bloc doit être exactement l'un de ceux-ci : %(allowed)s.",
        "Séparez les blocs : un tiret pour chacun.",
    ),
    "block-count": (
        "Le cas a %(count)s bloc(s) ; il en faut de %(lowest)s à %(highest)s.",
        "Ajoutez ce qu'il faut lire, ou regroupez des paragraphes.",
    ),
    "table-size": (
        "Le tableau est vide ou trop grand.",
        (
            "Donnez au moins une colonne et une ligne, au plus %(columns)s colonnes et %(rows)s lignes : il se "
            "lit aussi sur un téléphone."
        ),
    ),
    "ragged-table": (
        "La ligne compte %(count)s case(s) ; le tableau a %(columns)s colonnes.",
        "Écrivez une case par colonne.",
    ),
    "case-questions": (
        "Le cas « %(id)s » a %(count)s question(s) ; il en faut de %(lowest)s à %(highest)s.",
        "Ajoutez ou retirez des questions, ou partagez le cas en deux.",
    ),
    "case-elsewhere": (
        "La question ne partage pas le cas « %(id)s » tel que %(first)s le montre : même compétence, même contenu.",
        "Donnez à ce cas un autre identifiant, ou mettez ses questions sous une seule compétence.",
    ),
    "enemy-of-case": (
        "La question « %(id)s » appartient au même cas : elles sont posées ensemble.",
        "Retirez-la de « enemies », ou récrivez celle des deux qui donne l'autre.",
    ),
}
