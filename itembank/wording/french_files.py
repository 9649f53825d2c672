"""French sentences about files and their shape."""

from collections.abc import Mapping

FILES: Mapping[str, tuple[str, str]] = {
    "file-too-big": (
        "Le fichier pèse plus de %(limit)s octets, la limite.",
        "Répartissez les questions dans plusieurs fichiers, par exemple un par compétence.",
    ),
    "not-utf8": (
        "Le fichier n'est pas en UTF-8 : l'octet n° %(byte)s (0x%(value)s), ligne %(line)s, n'y a pas de sens.",
        "Enregistrez le fichier en UTF-8 depuis votre éditeur (il est peut-être en Windows-1252).",
    ),
    "empty-file": (
        "Le fichier ne contient rien.",
        "Écrivez-y l'en-tête (format, bank, framework) puis la liste « items ».",
    ),
    "yaml-syntax": (
        "Cette partie du fichier n'est pas du YAML lisible : %(reason)s.",
        (
            "Vérifiez le retrait des lignes, et mettez entre guillemets un texte qui contient « : » ou « # », "
            "ou qui commence par un guillemet, un crochet, une accolade, @, & ou *."
        ),
    ),
    "yaml-anchor": (
        "L'ancre « &%(name)s » n'est pas admise.",
        (
            "Écrivez le contenu en toutes lettres à chaque endroit où il sert ; si & fait partie du texte, "
            "mettez le texte entre guillemets."
        ),
    ),
    "yaml-alias": (
        "Le renvoi « *%(name)s » n'est pas admis.",
        "Écrivez le contenu en toutes lettres ; si * fait partie du texte, mettez le texte entre guillemets.",
    ),
    "yaml-tag": (
        "L'étiquette YAML « %(name)s » n'est pas admise.",
        "Retirez-la ; si ! fait partie du texte, mettez le texte entre guillemets.",
    ),
    "yaml-depth": (
        "Le contenu est imbriqué sur plus de %(limit)s niveaux.",
        "Revenez à la structure du format : une question n'en demande jamais autant.",
    ),
    "yaml-key": (
        "Une clé doit être un simple mot.",
        "Remplacez la clé par l'une de celles du format.",
    ),
    "several-documents": (
        "Le fichier contient plusieurs documents YAML (séparés par « --- »).",
        "Gardez un seul document par fichier ; ce qui suit le premier n'a pas été lu.",
    ),
    "forbidden-character": (
        "Le caractère invisible %(character)s n'est pas admis dans un texte.",
        "Supprimez-le ; il vient souvent d'un copier-coller.",
    ),
    "duplicate-key": (
        "La clé « %(key)s » est écrite deux fois.",
        "Gardez-en une seule : l'autre serait perdue.",
    ),
    "too-many-faults": (
        "Plus de %(limit)s fautes d'écriture : la suite du fichier n'a pas été lue.",
        "Vérifiez que c'est bien un fichier de questions, corrigez ces fautes, puis recommencez.",
    ),
    "too-many-items": (
        "La banque compte plus de %(limit)s questions, la limite.",
        "Importez-la en plusieurs banques.",
    ),
    "no-items": (
        "Le fichier ne contient aucune question.",
        "Ajoutez des questions sous « items », ou retirez le fichier.",
    ),
    "other-bank": (
        "Ce fichier annonce la banque « %(value)s », alors que le premier annonce « %(expected)s ».",
        "Mettez le même nom de banque dans tous les fichiers importés ensemble.",
    ),
    "other-framework": (
        "Ce fichier suit le référentiel %(value)s, alors que %(expected)s est attendu.",
        "Mettez le même référentiel et la même version partout, ou importez ce fichier à part.",
    ),
}

SHAPE: Mapping[str, tuple[str, str]] = {
    "more-problems": (
        "La question a plus de %(limit)s problèmes ; les suivants ne sont pas montrés.",
        "Corrigez ceux-ci, puis recommencez.",
    ),
    "not-a-mapping": (
        "« %(key)s » doit être un groupe de clés et de valeurs.",
        "Récrivez cette partie comme le montre le guide du format (itembank/README.md).",
    ),
    "not-a-list": (
        "« %(key)s » doit être une liste.",
        "Mettez chaque élément sur sa ligne, après un tiret.",
    ),
    "not-a-text": (
        "« %(key)s » doit être un texte.",
        "Écrivez le texte sur la même ligne, entre guillemets s'il contient « : » ou « # ».",
    ),
    "not-a-boolean": (
        "« %(value)s » n'est ni vrai ni faux.",
        "Écrivez true (vrai) ou false (faux).",
    ),
    "missing-key": (
        "Il manque « %(key)s ».",
        "Ajoutez la ligne « %(key)s: … » à cet endroit.",
    ),
    "unknown-key": (
        "La clé « %(key)s » n'existe pas à cet endroit.",
        "Retirez-la, ou remplacez-la par l'une de celles-ci : %(allowed)s.",
    ),
    "misspelt-key": (
        "La clé « %(key)s » n'existe pas à cet endroit.",
        "Vouliez-vous dire « %(suggestion)s » ?",
    ),
    "misplaced-key": (
        "« %(key)s » ne s'emploie pas avec une question de type %(type)s.",
        "Retirez « %(key)s », ou changez le type de la question.",
    ),
    "missing-language": (
        "Le texte n'existe pas en %(language)s (clé « %(key)s »).",
        "Ajoutez la version en %(language)s : chaque texte est écrit en français et en anglais.",
    ),
    "unknown-value": (
        "« %(value)s » n'est pas une valeur de « %(key)s ».",
        "Choisissez parmi : %(allowed)s.",
    ),
    "not-an-integer": (
        "« %(value)s » n'est pas un nombre entier.",
        "Écrivez le nombre en chiffres, sans guillemets ni unité.",
    ),
    "not-a-number": (
        "« %(value)s » n'est pas un nombre.",
        "Écrivez le nombre en chiffres, avec un point décimal, sans guillemets ni unité.",
    ),
    "bad-date": (
        "« %(value)s » n'est pas une date du calendrier.",
        'Écrivez l\'année, le mois et le jour, entre guillemets : "2026-11-21".',
    ),
    "bad-source-date": (
        "« %(value)s » n'est pas une date de source.",
        'Écrivez ce que dit la source, entre guillemets : "2026", "2026-11" ou "2026-11-21".',
    ),
}

TERMS: Mapping[str, str] = {
    "fr": "français",
    "en": "anglais",
    "#length": "[plus longue]",
    "#longest": "[la plus longue]",
    "#shortest": "[la plus courte]",
    "#commas": "[virgules]",
    "#likeness": "[mots communs avec les autres]",
    "block sequence entries are not allowed in this context": "un tiret de liste n'est pas attendu ici",
    "could not find expected ':'": "il manque « : » après une clé",
    "did not find expected ',' or ']'": "il manque une virgule ou un crochet fermant",
    "did not find expected ',' or '}'": "il manque une virgule ou une accolade fermante",
    "did not find expected '-' indicator": "un tiret de liste est attendu ici",
    "did not find expected key": "une clé est attendue ici (retrait de ligne ou guillemets)",
    "found a tab character that violates indentation": "une tabulation sert de retrait, il faut des espaces",
    "found character that cannot start any token": "un caractère réservé ou une tabulation commence ce texte",
    "found unexpected end of stream": "un guillemet, un crochet ou une accolade n'est pas refermé",
    "found unknown escape character": "un \\ entre guillemets doubles annonce un caractère qui n'existe pas",
    "mapping values are not allowed here": "un « : » n'est pas attendu ici",
    "mapping values are not allowed in this context": "un « : » n'est pas attendu ici",
}
