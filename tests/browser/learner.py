"""A learner at a page."""

import re

from playwright.sync_api import Locator, Page, expect

from framework.model import Locale

WORDS = {
    "fr": {
        "go": "Continuer",
        "begin": "Commencer",
        "first": "Voir la première question",
        "send": "Valider",
        "pass": "Je ne sais pas, passer",
        "kept": "Réponse enregistrée à",
        "cut": "La connexion est coupée",
        "resume": "Reprendre",
        "profile": "Voir mon profil",
        "result": "Votre profil",
        "review": "Relire les questions",
    },
    "en": {
        "go": "Continue",
        "begin": "Start",
        "first": "See the first question",
        "send": "Confirm",
        "pass": "I don’t know, skip",
        "kept": "Answer saved at",
        "cut": "The connection is lost",
        "resume": "Resume",
        "profile": "See my profile",
        "result": "Your profile",
        "review": "Go through the questions",
    },
}


class Learner:
    """A person at a page, in one language."""

    def __init__(self, page: Page, address: str, locale: Locale) -> None:
        self.page, self.address, self.words = page, address, WORDS[locale]
        self.step = 0

    def enter(self, code: str, name: str) -> str:
        """Type the code, read, give a name, begin; return the resume code."""
        self.page.goto(self.address)
        self.page.locator("#code").fill(code.lower())
        self.page.get_by_role("button", name=self.words["go"]).click()
        self.page.locator("[name=label]").fill(name)
        self.page.get_by_role("button", name=self.words["begin"]).click()
        code = self.page.locator(".token").inner_text()
        self.page.get_by_role("link", name=self.words["first"]).click()
        self.at(1)
        return code

    def at(self, step: int) -> None:
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(f"Question {step}", timeout=15_000)
        self.step = step

    def fill(self) -> None:
        """Answer the question on screen, whatever its type, as somebody would who does not look."""
        choices, parts = self.page.locator("label.choice"), self.page.locator("[name^=part]")
        if choices.count():
            choices.nth(self.step % choices.count()).click()
        elif not parts.count():
            number = self.page.locator("[inputmode=decimal]").count()
            self.page.locator("[name=text]").fill("12,5" if number else "phishing")
        elif self.page.locator(".order.live").count():
            self.page.locator("[data-move='1']").first.click()
        else:
            for place, part in enumerate(parts.all(), 1):
                self.fill_part(part, place)

    def fill_part(self, part: Locator, place: int) -> None:
        if part.evaluate("field => field.tagName") == "INPUT":
            part.fill("sécurité")
        else:
            options = part.locator("option").count() - 1
            part.select_option(index=1 + (place - 1) % options)

    def send(self) -> None:
        self.page.get_by_role("button", name=self.words["send"], exact=True).click()

    def skip(self) -> None:
        self.page.get_by_role("button", name=self.words["pass"]).click()

    def answer(self) -> bool:
        """One more question; False once the end is reached."""
        if self.step % 6 == 5:
            self.skip()
        else:
            self.fill()
            self.send()
        return self.follow()

    def follow(self) -> bool:
        """Wait for what comes after a question: the next one, or the end."""
        following = self.page.locator("h1").filter(has_text=re.compile(rf"Question {self.step + 1}\b"))
        following.or_(self.page.locator("main[data-page=finished]")).first.wait_for(timeout=20_000)
        if not self.page.locator("form[data-answer]").count():
            return False
        self.step += 1
        return True
