"""Words and moments that the examples share."""

import datetime as dt

from framework.model import LocalizedText

NOW = dt.datetime(2026, 11, 23, 13, 3, tzinfo=dt.UTC)
STARTED = dt.datetime(2026, 11, 23, 12, 38, tzinfo=dt.UTC)
TITLE = LocalizedText("Positionnement de rentrée, première année", "First-year placement test")
FACULTY = "Université de Bourg-la-Rivière"
CONTACT = "numerique-sante@univ-bourg.example"

SINGLE = LocalizedText(
    "Vous recevez, sur votre adresse professionnelle, un message qui semble venir du service informatique "
    "de l'hôpital : votre mot de passe expire ce soir, un lien permet de le renouveler. Que faites-vous d'abord ?",
    "A message in your work mailbox seems to come from the hospital's IT department: your password expires tonight and "
    "a link lets you renew it. What do you do first?",
)
SINGLE_OPTIONS = (
    LocalizedText(
        "Je clique sur le lien pour vérifier si la page ressemble à celle de l'hôpital.",
        "Click the link to see whether the page looks like the hospital's.",
    ),
    LocalizedText(
        "Je ne clique pas et j'appelle le service informatique par son numéro habituel.",
        "Leave the link alone and call the IT department on its usual number.",
    ),
    LocalizedText(
        "Je réponds au message pour demander s'il est authentique.",
        "Reply to the message to ask whether it is genuine.",
    ),
    LocalizedText(
        "Je le transfère à l'équipe pour que chacun renouvelle son mot de passe.",
        "Forward it to the team so that everyone renews their password.",
    ),
)
SEVERAL = LocalizedText(
    "Une patiente suivie en téléconsultation vous demande d'envoyer son bilan à son médecin traitant. "
    "Quels moyens conviennent ?",
    "A patient you follow by video asks you to send her test results to her general practitioner. "
    "Which means are suitable?",
)
SEVERAL_OPTIONS = (
    LocalizedText("Une messagerie sécurisée de santé", "A secure health mailbox (MSSanté)"),
    LocalizedText("Mon espace santé", "Mon espace santé, the patient's own record"),
    LocalizedText("Une messagerie instantanée grand public", "A consumer chat application"),
    LocalizedText("Le courriel personnel du médecin", "The doctor's private e-mail"),
)
SHORT = LocalizedText(
    "Quel mot désigne un message trompeur qui pousse à livrer un mot de passe ?",
    "Which word names a deceptive message that leads people to give away a password?",
)
