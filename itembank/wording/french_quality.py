"""French sentences about the quality of questions and banks."""

from collections.abc import Mapping

QUALITY: Mapping[str, tuple[str, str]] = {
    "negative-stem": (
        "L'énoncé demande ce qui n'est pas, ou fait une exception (« %(value)s »).",
        "Demandez ce qui est juste : une négation se lit trop vite.",
    ),
    "stem-too-long": (
        "L'énoncé compte %(count)s mots ; hors d'un cas, la limite est de %(limit)s.",
        "Raccourcissez-le à ce qui sert pour répondre, ou faites-en un cas.",
    ),
    "sweeping-option": (
        "L'option renvoie à toutes les autres ou à aucune (« %(value)s »).",
        "Remplacez-la par une réponse précise.",
    ),
    "uneven-options": (
        ("Une option se remarque par sa longueur : de %(shortest)s à %(longest)s caractères (texte en %(language)s)."),
        "Donnez à toutes la même forme et à peu près la même longueur.",
    ),
    "absolute-distractors": (
        "Des mots absolus trahissent les options fausses (%(value)s, texte en %(language)s).",
        "Retirez-les, ou mettez-en aussi dans une option juste.",
    ),
    "stem-word-in-key": (
        "Le mot « %(value)s » de l'énoncé n'est que dans la bonne réponse (texte en %(language)s).",
        "Dites-le autrement dans la réponse, ou mettez-le aussi dans une option fausse.",
    ),
    "grammar-cue": (
        "Seule la bonne réponse s'accorde avec « %(value)s » (texte en %(language)s).",
        "Récrivez l'énoncé ou les options pour que toutes s'accordent.",
    ),
    "long-sentence": (
        "Une phrase de l'énoncé compte %(count)s mots ; la limite est de %(limit)s.",
        "Coupez-la en deux.",
    ),
    "hard-to-read": (
        "L'énoncé est très difficile à lire (facilité %(value)s, sous la limite de %(limit)s).",
        "Employez des phrases plus courtes et des mots plus simples.",
    ),
    "due-for-review": (
        "La question est à revoir le %(review_by)s, et ce jour est venu.",
        "Relisez-la avec sa source, puis repoussez « review_by ».",
    ),
    "source-younger": (
        "La source est datée du %(value)s, après la rédaction de la question (%(written)s).",
        "Corrigez l'une des deux dates, ou relisez la question avec cette source.",
    ),
    "few-examples": (
        "Il n'y a que %(count)s exemple.",
        "Ajoutez-en un second, qui éprouve une autre règle.",
    ),
    "same-point": (
        "La question dit presque la même chose que « %(id)s » (ressemblance %(percent)s).",
        "Récrivez l'une des deux, ou déclarez-les dans « enemies » des deux côtés.",
    ),
    "similar-point": (
        "La question ressemble à « %(id)s » (ressemblance %(percent)s).",
        "Relisez-les ensemble : si l'une donne l'autre, déclarez-les dans « enemies » des deux côtés.",
    ),
    "too-many-single": (
        "Les questions à choix unique font %(percent)s de la banque ; la limite est de %(limit)s.",
        "Écrivez d'autres types, ou changez-en quelques-unes.",
    ),
    "key-position": (
        "La bonne réponse n'est pas écrite aussi souvent à chaque rang (%(counts)s) : le hasard ne le ferait pas.",
        "Changez l'ordre des options de quelques questions.",
    ),
    "longest-key": (
        (
            "La bonne réponse est la plus longue %(count)s fois sur %(total)s (texte en %(language)s) ; le "
            "hasard en donnerait environ %(expected)s."
        ),
        "Allongez des options fausses ou resserrez des bonnes réponses.",
    ),
    "never-longest-key": (
        (
            "La bonne réponse n'est la plus longue que %(count)s fois sur %(total)s (texte en %(language)s) ; "
            "le hasard en donnerait environ %(expected)s : on peut écarter l'option la plus longue sans rien savoir."
        ),
        "Allongez quelques bonnes réponses ou resserrez des options fausses.",
    ),
    "form-tells-key": (
        (
            "La forme des options suffit à trouver la bonne réponse %(count)s fois sur %(total)s (texte en "
            "%(language)s) ; le hasard en donnerait environ %(expected)s. Parlent pour une option : %(for_keys)s ; "
            "contre elle : %(for_others)s. Questions les plus sûrement devinées : %(questions)s."
        ),
        "Donnez aux options fausses la forme de la bonne (mots de liaison, nombre d'éléments, sorte de motifs).",
    ),
}
