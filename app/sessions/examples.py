"""Examples of the learner's API, shown in its description and held to its schemas by a test."""

from typing import Any, Final

SESSION: Final = "8d2f6a1e-52c4-4c0b-9d1a-7f2f6d0e4b11"
TOKEN: Final = "5b2f9a4c1e7d38064f0a9c2b7d1e6538.Jw3m8XqTzV1nB6yRk0cPfH5sLg9aEoU2dWi4tQxMvNA"  # noqa: S105 - opens nothing

ENTER: Final[dict[str, Any]] = {
    "code": "SN7K2P",
    "identity": "Camille Martin",
    "locale": "fr",
    "entry_key": "v3Jk0Qe1rS8xYt5LwZb2Nc",
}
RESUME: Final[dict[str, Any]] = {"code": "SN7K2P", "resume_code": "K7PM-3XQF"}
ANSWER: Final[dict[str, Any]] = {"step": 3, "response": {"choice": "2"}}
ORDER: Final[dict[str, Any]] = {"step": 3, "response": {"order": ["2", "1", "3"]}}
MATCHES: Final[dict[str, Any]] = {"step": 3, "response": {"matches": {"1": "C", "2": "A", "3": "B"}}}
GAPS: Final[dict[str, Any]] = {"step": 3, "response": {"gaps": {"1": "2", "2": "1"}}}
PASS: Final[dict[str, Any]] = {"step": 4, "response": None}

STEM: Final[dict[str, Any]] = {
    "fr": "Que désigne le sigle INS ?",
    "en": "What does the French acronym INS stand for?",
}
QUESTION: Final[dict[str, Any]] = {
    "step": 1,
    "type": "single_choice",
    "domain": "SN1",
    "stem": STEM,
    "options": [
        {"id": "1", "text": {"fr": "L'identité nationale de santé", "en": "The national health identity"}},
        {"id": "2", "text": {"fr": "L'institut national du sport", "en": "The national institute of sport"}},
    ],
    "unit": None,
    "elements": [],
    "prompts": [],
    "choices": [],
    "reuse": False,
    "text": None,
    "gaps": [],
    "case": None,
}
MATCHING: Final[dict[str, Any]] = {
    **QUESTION,
    "step": 7,
    "type": "matching",
    "domain": "SN2",
    "stem": {
        "fr": "Dans ce cas, quel moyen convient pour chaque envoi ?",
        "en": "In this case, which means suits each message?",
    },
    "options": [],
    "prompts": [
        {"id": "1", "text": {"fr": "Un compte rendu à un médecin", "en": "A report to a doctor"}},
        {"id": "2", "text": {"fr": "Un bilan à la personne soignée", "en": "Test results to the patient"}},
        {"id": "3", "text": {"fr": "L'horaire d'une réunion", "en": "The time of a meeting"}},
    ],
    "choices": [
        {"id": "A", "text": {"fr": "La messagerie de Mon espace santé", "en": "The mailbox of Mon espace santé"}},
        {"id": "B", "text": {"fr": "Le courriel ordinaire", "en": "Ordinary e-mail"}},
        {"id": "C", "text": {"fr": "Une messagerie sécurisée de santé", "en": "A secure health mailbox"}},
    ],
    "case": {
        "title": {"fr": "Une sortie d'hôpital", "en": "Leaving hospital"},
        "blocks": [
            {
                "text": {"fr": "Une personne sort du service ce midi.", "en": "A patient leaves the ward at noon."},
                "document": None,
                "table": None,
            },
            {
                "text": None,
                "document": None,
                "table": {
                    "caption": {"fr": "Documents à envoyer", "en": "Documents to send"},
                    "header": [{"fr": "Document", "en": "Document"}, {"fr": "Destinataire", "en": "Recipient"}],
                    "rows": [
                        [
                            {"fr": "Compte rendu", "en": "Report"},
                            {"fr": "Médecin traitant", "en": "General practitioner"},
                        ]
                    ],
                },
            },
        ],
        "again": False,
    },
}
RUNNING: Final[dict[str, Any]] = {
    "id": SESSION,
    "status": "running",
    "locale": "fr",
    "answered": 0,
    "question": QUESTION,
    "remaining": {"at_least": 18, "at_most": 30},
    "last_receipt": None,
    "deadline": "2026-11-23T13:00:00Z",
    "stop_reason": None,
}
RECEIPT: Final[dict[str, Any]] = {
    "session": SESSION,
    "step": 1,
    "id": "9f2c4e7a51d0b836",
    "received_at": "2026-11-23T12:01:30Z",
}
FINISHED: Final[dict[str, Any]] = {
    **RUNNING,
    "status": "finished",
    "answered": 1,
    "question": None,
    "remaining": None,
    "last_receipt": RECEIPT,
    "stop_reason": "learner",
}
ENTERED: Final[dict[str, Any]] = {"token": TOKEN, "resume_code": "K7PM-3XQF", "session": RUNNING}
SUBMITTED: Final[dict[str, Any]] = {
    "receipt": RECEIPT,
    "session": {**RUNNING, "answered": 1, "question": {**QUESTION, "step": 2}, "last_receipt": RECEIPT},
}
CAMPAIGN: Final[dict[str, Any]] = {
    "code": "SN7K2P",
    "title": {"fr": "Positionnement de rentrée", "en": "Placement at the start of the year"},
    "institution": "Université d'exemple",
    "state": "open",
    "identification": "name",
    "max_questions": 30,
    "time_limit_minutes": 60,
    "kept_days": 730,
    "review_allowed": True,
    "opens_at": "2026-11-23T08:00:00Z",
    "closes_at": None,
}
REVIEW: Final[dict[str, Any]] = {
    "questions": [
        {
            "step": 1,
            "type": "single_choice",
            "domain": "SN1",
            "stem": STEM,
            "score": 1,
            "best": 1,
            "skipped": False,
            "options": [
                {
                    "text": QUESTION["options"][0]["text"],
                    "chosen": True,
                    "correct": True,
                    "why": {"fr": "C'est le sens officiel du sigle.", "en": "This is what it officially stands for."},
                },
                {
                    "text": QUESTION["options"][1]["text"],
                    "chosen": False,
                    "correct": False,
                    "why": {"fr": "Cet institut a un autre sigle.", "en": "That institute has another acronym."},
                },
            ],
            "given": None,
            "accepted": [],
            "explanation": {
                "fr": "L'INS identifie chaque personne soignée, d'un établissement à l'autre.",
                "en": "The INS identifies every patient from one institution to the next.",
            },
            "sources": [
                {
                    "title": "Code de la santé publique, L1111-8-1",
                    "url": "https://www.legifrance.gouv.fr/",
                    "date": None,
                }
            ],
            "rank": 1,
            "candidates": 75,
            "unit": None,
            "text": None,
            "parts": [],
            "case": None,
        }
    ]
}
